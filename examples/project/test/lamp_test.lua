-- The tests of the lamp. Run them with  netmcu --root device --test test/*.lua
-- or, with a stock Lua that finds the module net,  lua5.4 test/lamp_test.lua
local netmcu = require "netmcu"
if not node then -- a stock Lua; the runner has done this already
  netmcu.install("device")
end

-- Plays the hub.
local told = {}
local hub = net.createServer()
hub:listen(0, "127.0.0.1", function(conn)
  conn:on("receive", function(c, request)
    told[#told + 1] = request:match("^GET (%S+)")
    c:send("HTTP/1.0 200 OK\r\n\r\n")
  end)
  conn:on("sent", function(c) c:close() end)
end)
netmcu.resolve("hub.example.org:80=127.0.0.1:" .. hub:getaddr())

local device = netmcu.script("init.lua")

-- Returns the answer of the web page at a path.
local function get(path)
  local answer, over = "", false
  local sk = net.createConnection()
  sk:on("connection", function() sk:send("GET " .. path .. " HTTP/1.0\r\n\r\n") end)
  sk:on("receive", function(_, data) answer = answer .. data end)
  sk:on("disconnection", function() over = true end)
  sk:connect(device:port(80), "127.0.0.1")
  assert(netmcu.wait(function() return over end), "no answer to " .. path)
  return answer
end

local function wait_until_told(what)
  assert(netmcu.wait(function() return told[#told] == what end, 3000),
    "the hub was not told " .. what .. "; the last it heard was " .. tostring(told[#told]))
end

netmcu.test("the lamp is off at first", function()
  assert(get("/"):find("^HTTP/1.0 200 OK\r\n"))
  assert(get("/"):find("The lamp is off.", 1, true))
end)

netmcu.test("an unknown page is not found", function()
  assert(get("/nothing"):find("^HTTP/1.0 404 "))
end)

netmcu.test("the page switches the lamp", function()
  netmcu.gpio.on(4, netmcu.expect(function(level) assert(level == 1) end))
  assert(get("/on"):find("The lamp is on.", 1, true))
  netmcu.gpio.on(4, nil)
  wait_until_told("/lamp?on=1")
end)

netmcu.test("the button switches the lamp", function()
  netmcu.gpio.set(3, 0)
  wait_until_told("/lamp?on=0")
  assert(device.globals.lamp.on == false)
  netmcu.gpio.set(3, 1)
end)

netmcu.test("a hub that was away is told when it is back", function()
  netmcu.connect_fails("hub.example.org")
  get("/on")
  netmcu.run(300)
  assert(told[#told] == "/lamp?on=0", "the hub was told while it was away")
  netmcu.fault()
  wait_until_told("/lamp?on=1")
end)

netmcu.done()
