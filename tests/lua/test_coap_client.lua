-- A CoAP client prints the answer to each request. It repeats a CON request until it is acknowledged,
-- up to four times.

local expect = require "expect"
local packet = require "netmcu.device.coap_packet"

local output = {}
node.output(function(text) output[#output + 1] = text end, 0)

local function answer(kind, code, id, token, payload)
  return packet.encode {type = kind, code = code, id = id, token = token, payload = payload}
end

-- If the machine stands still for a while, the client repeats its request. Only "lost" is meant to be
-- asked twice.
local handled = {}
local function is_repeated(path, request)
  local name = (path or "") .. request.id
  local before = handled[name]
  handled[name] = path and path ~= "lost"
  return before
end

local server, handlers = net.createUDPSocket(), {}
server:listen(0, "127.0.0.1")
server:on("receive", function(self, bytes, port, ip)
  local request = packet.decode(bytes)
  local path = packet.values(request, packet.URI_PATH)[1]
  if not is_repeated(path, request) then
    handlers[path or "acknowledgement"](function(...) self:send(port, ip, answer(...)) end, request)
  end
end)
local uri = ("coap://127.0.0.1:%d/"):format((server:getaddr()))

local client = coap.Client()
local seen = {}

function handlers.piggyback(send, request)
  seen[#seen + 1] = ("%d%d%s"):format(request.type, request.code, request.payload)
  send(request.type == packet.CON and packet.ACK or packet.NON, 69, request.id, request.token, "answer " .. #seen)
end
handlers.piggyback = expect(handlers.piggyback, 7)

for _, method in ipairs {"get", "post", "put", "delete"} do
  expect.nothing(client[method](client, coap.CON, uri .. "piggyback", method))
end
client:get(coap.NON, uri .. "piggyback", "non")
client:get(uri .. "piggyback", "no type")
client:get(coap.CON, uri .. "piggyback")

-- The answer comes in a message of its own, which must be acknowledged, after one for somebody else.
handlers.later = expect(function(send, request)
  send(packet.ACK, 0, request.id)
  send(packet.CON, 69, 77, "other", "wrong")
  send(packet.CON, 132, 78, request.token, "not here")
end)
local acknowledgements = {}
handlers.acknowledgement = expect(function(_, message)
  acknowledgements[#acknowledgements + 1] = message.type .. " " .. message.id
end, 2)
client:get(coap.CON, uri .. "later")

-- An acknowledged request is not sent again, however long its answer takes.
local patient = coap.Client()
handlers.slow = expect(function(send, request)
  send(packet.ACK, 0, request.id)
  local exchange = select(2, next(patient.exchanges))
  tmr.create():alarm(1, tmr.ALARM_AUTO, function(timer)
    if exchange.attempt == 2 then
      timer:unregister()
      send(packet.NON, 69, 79, request.token, "late")
    elseif exchange.acknowledged and not exchange.hurried then
      exchange.hurried = true
      exchange.timer:interval(1)
    end
  end)
end)
patient:get(coap.CON, uri .. "slow")

handlers.rejected = expect(function(send, request) send(packet.RST, 0, request.id) end)
client:get(coap.CON, uri .. "rejected")

-- No answer: four more attempts. The waits are recorded and cut short.
local other, waits, messages = coap.Client(), {}, {}
handlers.lost = expect(function(_, request)
  messages[request.id] = true
  local _, exchange = next(other.exchanges)
  if exchange.fast == nil then
    local timer = exchange.timer
    exchange.fast, exchange.timer = true, {
      alarm = function(_, ms, mode, fn)
        waits[#waits + 1] = ms
        timer:alarm(1, mode, fn)
      end,
      unregister = function() timer:unregister() end,
    }
    timer:interval(1)
  end
end, 5)
other:post(coap.CON, uri .. "lost", "x")

local netmcu = require "netmcu"
netmcu.wait(function() return #seen == 7 and #acknowledgements == 2 and #waits == 4 and next(other.exchanges) == nil end, 20000)
netmcu.wait(function() return next(client.exchanges) == nil and next(patient.exchanges) == nil end, 20000)
server:close()
node.output()
expect.finish()

local function same(got, expected)
  assert(got == expected, ("%s, expected %s"):format(got, expected))
end
same(table.concat(seen, " "), "01get 02post 03put 04delete 11non 01no type 01")
same(table.concat(acknowledgements, ", "), "3 77, 2 78")
same(table.concat(waits, " "), "4000 8000 16000 32000")
table.sort(output)
same(table.concat(output), "2.05\tanswer 1\n2.05\tanswer 2\n2.05\tanswer 3\n2.05\tanswer 4\n2.05\tanswer 5\n2.05\tanswer 6\n" ..
  "2.05\tanswer 7\n2.05\tlate\n4.04\tnot here\n")
local first = next(messages)
assert(next(messages, first) == nil, "all attempts have the same number")

expect.raises("wrong arg type", client.get, client, 2, uri)
expect.raises("uri wrong format.", client.get, client, coap.CON, "http://127.0.0.1/")
for _, size in ipairs {65490, 65600, 65805} do
  local text = ("x"):rep(size)
  expect.raises("the request does not fit into a datagram", client.get, client, uri .. text)
  expect.raises("the request does not fit into a datagram", client.put, client, uri, text)
end
expect.raises("bad argument #2 to 'get' (string expected, got no value)", client.get, client, coap.CON)

-- The device takes addresses, and 1024 bytes. Without --strict, a name is looked up.
other:get(coap.CON, "coap://unknown.invalid/")
expect.finish()
netmcu.options {strict = true}
local function diverges(text, ...)
  local done, message = pcall(...)
  assert(not done and message:find(text, 1, true), message)
end
diverges("a payload of 1025 bytes: the device sends at most 1024", other.put, other, coap.CON, uri, ("x"):rep(1025))
diverges("the name 'localhost' in a URI: the device takes an address", other.get, other, coap.CON, "coap://localhost/")
