-- The arguments of connect(port [, host [, fn]]): ports are cut to 16 bits, port 0 raises an error,
-- and a host that is not a string is ignored.

local expect = require "expect"
local raises = expect.raises

local sk = net.createConnection()
raises("specify port", sk.connect, sk, 0)
raises("specify port", sk.connect, sk, 65536)
raises("specify port", sk.connect, sk, "0", "127.0.0.1")
raises("illegal argument", sk.connect, sk, 80, "")
raises("illegal argument", sk.connect, sk, 80, "no good name")
raises("illegal argument", sk.connect, sk, 80, "127.0.0.1\0x")
raises("illegal argument", sk.connect, sk, 80, ("x"):rep(64) .. ".test")
raises("illegal argument", sk.connect, sk, 80, ("x."):rep(200))
raises("invalid user data", sk.connect, nil, 80)
raises("invalid user data", sk.connect, io.stdout, 80)
raises("invalid user data", sk.connect, net.createServer(), 80)
assert(not pcall(sk.connect, sk))
assert(not pcall(sk.connect, sk, "http"))
assert(not pcall(sk.connect, sk, {}))
for _, wrong in ipairs {1, "x", {}, true, setmetatable({}, {__call = print})} do
  local done, message = pcall(sk.connect, sk, 80, "127.0.0.1", wrong)
  assert(not done and message:find "^bad argument #%d to '.-' %(not a function%)$", message)
end
local done, message = pcall(sk.connect, sk, 80, "127.0.0.1", nil)
assert(not done and message:find "not a function", message)
assert(tostring(sk) == "net.socket (closed)")

-- the error has the script's line
local _, positioned = pcall(function() sk:connect(0) end)
assert(positioned:find "^.*test_net_connect_arguments%.lua:%d+: specify port$", positioned)

local server, port = net.createServer(), nil
local accepted, wanted = 0, 0
local function connect(...)
  wanted = wanted + 1
  local client = net.createConnection()
  client:on("connection", expect(function(c)
    local peer_port, ip = c:getpeer()
    assert(peer_port == port and ip == "127.0.0.1")
    c:close()
  end))
  expect.nothing(client:connect(...))
end
server:listen(0, "127.0.0.1", function(c)
  accepted = accepted + 1
  c:close()
  if accepted == wanted then
    server:close()
  end
end)
port = server:getaddr()
connect(port)
connect(port + 65536)
connect(port - 65536)
connect(tostring(port), "127.0.0.1")
connect(port + 0.0)
connect(port, nil)
connect(port, {})
connect(port, true)
connect(port, print)
connect(port, "0x7f.1")

expect.finish()
