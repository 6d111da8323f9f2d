-- receive(sk, data, port, ip); sent(sk) comes once for each datagram, in order, after send() has
-- returned. Datagrams have up to 65507 bytes; an empty one gives "".

local expect = require "expect"

local texts = {"a", "\0", ("x"):rep(1472), ("y"):rep(1473), ("z"):rep(65507), "12"}
local server, client = net.createUDPSocket(), net.createUDPSocket()
server:listen(0, "127.0.0.1")
local server_port = server:getaddr()
local n, inside = 0, false
server:on("receive", expect(function(self, data, port, ip, ...)
  assert(self == server and ip == "127.0.0.1" and port == client:getaddr() and select("#", ...) == 0)
  assert(math.type(port) == "integer")
  n = n + 1
  assert(data == texts[n])
  self:send(port, ip, "echo: " .. n)
end, #texts))
local answers = 0
client:on("receive", expect(function(self, data, port)
  answers = answers + 1
  assert(self == client and data == "echo: " .. answers and port == server_port)
  if answers == #texts then
    client:close()
    server:close()
  end
end, #texts))
local sent = 0
inside = true
for i, text in ipairs(texts) do
  expect.nothing(client:send(server_port, "127.0.0.1", text, expect(function(self)
    assert(self == client and not inside)
    sent = sent + 1
  end, i == #texts and #texts or 0)))
end
inside = false
expect.finish()
assert(sent == #texts)

-- an empty datagram, which only another program can send
local listener = net.createUDPSocket()
listener:listen(0, "127.0.0.1")
listener:on("receive", expect(function(self, data)
  assert(data == "")
  self:close()
end))
local port = listener:getaddr()
os.execute(("bash -c 'printf \"\" > /dev/udp/127.0.0.1/%d' 2> /dev/null"):format(port))
if not os.execute(("python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b\"\", (\"127.0.0.1\", %d))' 2> /dev/null"):format(port)) then
  listener:on("receive", nil)
  listener:close()
  os.exit(77, false)
end
expect.finish()
