-- The addresses of this machine, as the station and the access point of wifi.lua have them.

local machine = {}

local function interface(index)
  local net = require "net"
  local found = net.ifinfo and net.ifinfo(index)
  return found or {ip = "127.0.0.1", netmask = "255.0.0.0"}
end

function machine.address()
  local found = interface(0)
  return found.ip, found.netmask or "255.0.0.0", found.gateway or "0.0.0.0"
end

local given_mac = {}

-- Of "sta" or "ap": the machine's own; one from the range of the chip's maker where it has none.
function machine.mac(which)
  if given_mac[which] then
    return given_mac[which]
  end
  local hardware = interface(0).hwaddr
  if not hardware or #hardware ~= 6 or not string.find(hardware, "[^\0]") then
    hardware = "\x5c\xcf\x7f\x6e\x65\x74"
  end
  if which == "ap" then -- the chip's second interface has the next local address
    hardware = string.char(string.byte(hardware, 1) | 2) .. string.sub(hardware, 2)
  end
  local text = string.gsub(hardware, ".", function(c) return string.format("%02x:", string.byte(c)) end)
  return string.sub(text, 1, -2)
end

function machine.set_mac(which, text)
  local valid = type(text) == "string" and string.match(string.gsub(text, "[:%- ]", ""), "^%x+$")
  if not valid or #valid ~= 12 then
    return false
  end
  given_mac[which] = string.sub(string.gsub(string.lower(valid), "..", "%0:"), 1, -2)
  return true
end

return machine
