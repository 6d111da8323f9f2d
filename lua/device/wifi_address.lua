-- The addresses of this machine, as wifi's station and access point return them.

local argument = require "netmcu.device.argument"

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

function machine.broadcast()
  local ip, netmask = machine.address()
  local pattern = "(%d+)%.(%d+)%.(%d+)%.(%d+)"
  local bytes, mask = {string.match(ip, pattern)}, {string.match(netmask, pattern)}
  for i = 1, 4 do
    bytes[i] = tonumber(bytes[i]) | ~tonumber(mask[i]) & 255
  end
  return table.concat(bytes, ".")
end

local given_mac = {}

-- Returns the address of "sta" or "ap": the machine's own, or one from the range of the chip's
-- maker if the machine has none.
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

-- The last three bytes, as default names have them.
function machine.mac_end(which)
  return string.upper(string.sub(string.gsub(machine.mac(which), ":", ""), 7))
end

-- Returns an address in the form of those that the chip returns.
function machine.mac_text(text)
  return string.lower((string.gsub(text, "%X", ":")))
end

function machine.set_mac(which, text)
  text = argument.text(text, 1, "setmac")
  argument.check(#text == 17, 1, "setmac", "MAC:FF:FF:FF:FF:FF:FF")
  local is_valid = string.find(text, "^%x%x[:%- ]%x%x[:%- ]%x%x[:%- ]%x%x[:%- ]%x%x[:%- ]%x%x$")
  if is_valid then
    given_mac[which] = machine.mac_text(text)
  end
  return is_valid ~= nil
end

return machine
