-- A device keeps in memory only what its script uses: the number of the chip does not need the
-- radio, and a module does not need the parts, the catalogue or the prompt.

local loaded = debug.getregistry()._LOADED

local function check_absent(step, ...)
  for _, name in ipairs {...} do
    assert(not loaded["netmcu." .. name], step .. " loads " .. name)
  end
end

assert(node.chipid() > 0 and node.heap() > 0 and mqtt.Client("id", 60) and uart.getconfig(0) == 115200)
check_absent("node, mqtt or uart", "device.wifi", "device.prompt", "device.catalogue", "parts.init")
assert(wifi.sta.getmac() and tonumber((wifi.sta.getmac():gsub(":", "")):sub(7), 16) == node.chipid())
assert(wifi.sta.setmac "5c:cf:7f:01:02:03" and node.chipid() == 0x010203)
check_absent("wifi", "device.prompt", "device.catalogue", "parts.init")

-- what is missing is loaded when it is used
node.output(nil)
assert(loaded["netmcu.device.prompt"] and not loaded["netmcu.device.catalogue"])
assert(somfy.sendcommand and loaded["netmcu.device.catalogue"])
