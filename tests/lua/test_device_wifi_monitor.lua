-- The older events of wifi.sta: a function for a status, called with the previous one, when the monitor sees it.

if not require "simulated" () then return end

local expect = require "expect"

expect.raises("valid wifi status:0-5", wifi.sta.eventMonReg, 6, print)
expect.raises("bad argument #1 to 'eventMonReg' (number expected, got no value)", wifi.sta.eventMonReg)

for _, interval in ipairs {0, 1e9, math.huge, -1e300, "x"} do
  wifi.sta.eventMonStart(interval)
end

wifi.sta.eventMonReg(wifi.STA_GOTIP, expect(function(previous)
  assert(previous == wifi.STA_IDLE)
  wifi.sta.eventMonReg(wifi.STA_IDLE, expect(function(before)
    assert(before == wifi.STA_GOTIP)
    wifi.sta.eventMonReg(wifi.STA_GOTIP)
    wifi.sta.connect()
    wifi.sta.eventMonReg(wifi.STA_CONNECTING, expect(function()
      wifi.sta.eventMonStop(1)
    end))
  end))
  wifi.sta.disconnect()
end))
wifi.sta.eventMonStart(20)
expect.finish()
