-- Some of the tests for busted. LUA_PATH and LUA_CPATH must lead to net and netmcu. Run it with
--   busted --lua=lua5.4 test/lamp_spec.lua
local netmcu = require "netmcu"
netmcu.install("device")

describe("the lamp", function()
  local device

  setup(function()
    netmcu.options {warnings = false}
    netmcu.resolve "hub.example.org=127.0.0.1"
    netmcu.connect_fails "hub.example.org"
    device = netmcu.script("init.lua")
  end)

  it("is off at first", function()
    assert.is_false(device.globals.lamp.on)
  end)

  it("is switched by the button", function()
    netmcu.gpio.set(3, 0)
    assert.is_true(netmcu.wait(function() return device.globals.lamp.on end, 1000))
  end)

  it("shows its state on a page", function()
    local sk = net.createConnection()
    local answer = ""
    sk:on("receive", function(_, data) answer = answer .. data end)
    sk:on("disconnection", netmcu.expect(function() end))
    sk:connect(device:port(80), "127.0.0.1", function() sk:send "GET / HTTP/1.0\r\n\r\n" end)
    netmcu.finish()
    assert.matches("The lamp is on.", answer, 1, true)
  end)
end)
