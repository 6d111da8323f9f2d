-- A CoAP server answers with variables and functions of the script, as they are when a request comes.

local expect = require "expect"
local packet = require "netmcu.device.coap_packet"

local server = coap.Server()
expect.nothing(server:listen(0, "127.0.0.1"))
local port = server.socket:getaddr()

number, words, list, nothing = 42, "text", {}, nil
expect.nothing(server:var "number")
server:var("words", coap.JSON)
server:var "list"
server:var "nothing"
local calls = 0
function echo(payload)
  calls = calls + 1
  return payload .. calls
end
function silent() end
expect.nothing(server:func "echo")
server:func("silent", coap.JSON)
server:func "number"

-- Sends requests one after another, and compares the answers: "type code payload content-format".
local client, checks, current = net.createUDPSocket(), {}, 0
client:listen(0, "127.0.0.1")

local function go_on()
  current = current + 1
  local check = checks[current]
  if check then
    if check.before then check.before() end
    client:send(port, "127.0.0.1", check.bytes)
    if check.expected == nil then go_on() end
  else
    client:close()
    server:close()
    expect.nothing(server:close())
  end
end

client:on("receive", function(_, bytes)
  local check, answer = checks[current], packet.decode(bytes)
  local format = packet.values(answer, packet.CONTENT_FORMAT)[1]
  local got = ("%d %d.%02d %s %s"):format(answer.type, answer.code >> 5, answer.code & 31, answer.payload,
    format and #format == 0 and 0 or format and format:byte() or "-")
  assert(got == check.expected, ("%s, expected %s"):format(got, check.expected))
  assert(answer.token == check.token and (check.kind == packet.NON or answer.id == check.id))
  go_on()
end)

local function ask(kind, method, path, expected, options)
  options = options or {}
  local message = {
    type = kind, code = packet.methods[method], id = options.id or 1000 + #checks, token = options.token or "abc",
    options = select(3, packet.parse_uri("coap://h/" .. path)), payload = options.payload,
  }
  if options.number then
    table.insert(message.options, {number = options.number, value = ""})
  end
  checks[#checks + 1] = {
    bytes = packet.encode(message), expected = expected, id = message.id, token = message.token, kind = kind, before = options.before,
  }
end

local function tell(bytes, expected)
  checks[#checks + 1] = {bytes = bytes, expected = expected, id = 7, token = ""}
end

local CON, NON = coap.CON, coap.NON
ask(CON, "get", "v1/v/number", "2 2.05 42 0")
ask(NON, "get", "v1/v/number", "1 2.05 43 0", {before = function() number = 43 end})
ask(CON, "get", "v1/v/words", "2 2.05 text 50", {token = ""})
ask(CON, "get", "v1/v/list", "2 4.04  -")
ask(CON, "get", "v1/v/nothing", "2 4.04  -")
ask(CON, "get", "v1/v/number", "2 5.00  -", {before = function() number = ("x"):rep(65500) end})
ask(CON, "get", "v1/v/port", "2 4.04  -", {before = function() number = 43 end})
ask(CON, "get", "v1/v", "2 4.04  -")
ask(CON, "get", "", "2 4.04  -")
ask(CON, "put", "v1/v/number", "2 4.05  -", {payload = "1"})
ask(CON, "get", "v1/f/echo", "2 4.05  -")
ask(CON, "post", "v1/f/echo", "2 2.05 x1 0", {payload = "x", id = 5})
ask(CON, "post", "v1/f/echo", "2 2.05 x1 0", {payload = "x", id = 5}) -- the same request again
ask(NON, "post", "v1/f/echo", "1 2.05 2 0")
for id = 201, 215 do -- the answers to 16 requests are remembered
  ask(NON, "post", "v1/f/silent", "1 2.05  -", {id = id})
end
ask(NON, "post", "v1/f/echo", "1 2.05 3 0", {id = 216})
for id = 217, 231 do
  ask(NON, "post", "v1/f/silent", "1 2.05  -", {id = id})
end
ask(NON, "post", "v1/f/echo", "1 2.05 3 0", {id = 216})
ask(CON, "post", "v1/f/silent", "2 2.05  -")
ask(NON, "post", "v1/f/echo", "1 2.05 4 0", {id = 216})
ask(CON, "post", "v1/f/number", "2 4.04  -")
ask(CON, "get", "v1/id", ("2 2.05 %s 0"):format(string.pack("<I4", node.chipid())))
ask(CON, "get", ".well-known/core",
  "2 2.05 </.well-known/core>;ct=40,</v1/v/number>;ct=0,</v1/v/words>;ct=50,</v1/v/list>;ct=0,</v1/v/nothing>;ct=0,</v1/id>;ct=0 40")
ask(CON, "get", "v1/v/number", "2 4.02  -", {number = 23})
ask(CON, "get", "v1/v/number", "2 2.05 43 0", {number = 60})
tell("\x40\0\0\7", "3 0.00  -") -- a ping
tell("\x40\1\0\7\xf0", "3 0.00  -")
tell "\x50\1\0\7\xf0"
tell "\x60\1\0\7"
tell "\x40\x45\0\7"
tell "no CoAP"
ask(CON, "get", "v1/v/words", "2 2.05 text 50")
go_on()
expect.finish()
assert(current == #checks + 1 and calls == 4)

expect.raises("bad argument #1 to 'listen' (number expected, got no value)", server.listen, server)
expect.raises("bad argument #1 to 'var' (string expected, got no value)", server.var, server)
expect.raises("bad argument #1 to 'func' (coap_server expected, got table)", server.func, {}, "x")
expect.raises("invalid IP address", server.listen, server, 0, "nonsense")
