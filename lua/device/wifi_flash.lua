-- What wifi stores in the flash. A program that restarts scripts keeps these fields of netmcu.host,
-- which are texts of hexadecimal digits, from state to state.

local host = require "netmcu.host"

local flash = {}

local formats = {wifi_mode = "B", wifi_station = "s1s1s1BB", wifi_ap = "s1s1BBBBI2"}

function flash.store(name, ...)
  local bytes = string.pack(formats[name], ...)
  host[name] = string.gsub(bytes, ".", function(byte) return string.format("%02x", string.byte(byte)) end)
end

-- Returns what was stored; nil if nothing was.
function flash.recall(name)
  if host[name] then
    return string.unpack(formats[name], (string.gsub(host[name], "%x%x", function(digits)
      return string.char(tonumber(digits, 16))
    end)))
  end
end

-- Returns the mode with which the next start begins; the default is wifi.STATION.
function flash.mode()
  return (flash.recall "wifi_mode") or 1
end

-- The next start finds the defaults.
function flash.clear()
  for name in pairs(formats) do
    host[name] = nil
  end
end

return flash
