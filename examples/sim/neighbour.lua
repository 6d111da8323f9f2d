-- Announces itself by multicast DNS with the name in `own`, and looks for the device whose name is
-- in `neighbour`. The address of that device is then in `found`.

local GROUP, PORT = "224.0.0.251", 5353

local function encode(name)
  return (name:gsub("([^.]+)%.?", function(label) return string.char(#label) .. label end)) .. "\0"
end

local socket = net.createUDPSocket()
local function ask()
  socket:send(PORT, GROUP, "\0\1\0\0\0\1\0\0\0\0\0\0" .. encode(neighbour .. ".local") .. "\0\1\0\1")
end

-- The answer comes to this socket's own port (RFC 6762, 6.7), from the device that has the name.
socket:on("receive", function(_, data, _, from)
  if data:find(encode(neighbour .. ".local"), 1, true) and from ~= found then
    found = from
    print(neighbour .. " is at " .. from)
  end
end)

wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
  mdns.register(own, {service = "http", port = 80})
  ask()
  tmr.create():alarm(5000, tmr.ALARM_AUTO, ask)
end)
