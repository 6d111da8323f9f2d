-- Asks for the wifi in a portal, and for a name of the device. Once connected, it says hello.
--
-- Run:  tools/run --map-port auto examples/device/wifi_portal
-- Try:  http://127.0.0.1:8080/ in a browser, and any network and password

local function on_connected()
  local name = "nameless"
  if file.exists("eus_params.lua") then
    name = dofile("eus_params.lua").device_name or name
  end
  print("hello from " .. name .. " at " .. wifi.sta.getip() .. ", network " .. wifi.sta.getconfig())
end

local function on_error(code, text)
  print("portal: error " .. code .. ": " .. text)
end

enduser_setup.start(on_connected, on_error)
print("portal open, network " .. wifi.ap.getconfig())
