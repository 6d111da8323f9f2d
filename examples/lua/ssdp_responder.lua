-- Makes the device discoverable in the network: answers SSDP searches (UPnP), and announces itself
-- every half minute. It serves its description over HTTP.
--
-- Try it:  start it, then look for devices with any UPnP browser, or
--          printf 'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n' \
--            | nc -u -w1 127.0.0.1 1900
--          (arguments: the HTTP port, 8080, and the SSDP port, 1900)

local http_port, ssdp_port = ...
http_port = tonumber(http_port) or 8080
ssdp_port = tonumber(ssdp_port) or 1900

local GROUP = "239.255.255.250"
local ip = wifi.sta.getip() or "127.0.0.1"
local uuid = ("uuid:6e6f6465-6d63-7500-8266-%012x"):format(node.chipid())
local device_type = "urn:schemas-upnp-org:device:Basic:1"
local location

local function description()
  return table.concat({
    "<?xml version=\"1.0\"?>\n<root xmlns=\"urn:schemas-upnp-org:device-1-0\">\n",
    "<specVersion><major>1</major><minor>0</minor></specVersion>\n<device>\n",
    "<deviceType>", device_type, "</deviceType>\n<friendlyName>A small device</friendlyName>\n",
    "<manufacturer>You</manufacturer>\n<modelName>Example</modelName>\n<UDN>", uuid, "</UDN>\n</device>\n</root>\n",
  })
end

local server = net.createServer(net.TCP, 30)
server:listen(http_port, function(socket)
  socket:on("receive", function(s)
    s:on("receive", function() end)
    s:send("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n" .. description(), s.close)
  end)
end)
location = ("http://%s:%d/description.xml"):format(ip, (server:getaddr()))

-- What a search may ask for, and our name as such.
local function names_for(target)
  local names = {
    {"upnp:rootdevice", uuid .. "::upnp:rootdevice"},
    {uuid, uuid},
    {device_type, uuid .. "::" .. device_type},
  }
  if target == "ssdp:all" then
    return names
  end
  for _, name in ipairs(names) do
    if name[1] == target then
      return {name}
    end
  end
  return {}
end

local function message(first_line, target_field, name)
  return table.concat({
    first_line, "CACHE-CONTROL: max-age=1800", "LOCATION: " .. location, "SERVER: Lua/5 UPnP/1.0 Example/1.0", "EXT:",
    target_field .. ": " .. name[1], "USN: " .. name[2], "\r\n",
  }, "\r\n")
end

local function answer(s, data, port, from)
  local target = data:match("^M%-SEARCH %* HTTP/1%.1\r\n.-\r\n[Ss][Tt]:%s*(%S+)")
  if not target then
    return
  end
  print(("%s:%d searches for %s"):format(from, port, target))
  for _, name in ipairs(names_for(target)) do
    s:send(port, from, message("HTTP/1.1 200 OK", "ST", name))
  end
end

local socket = net.createUDPSocket()

local function announce()
  for _, name in ipairs(names_for("ssdp:all")) do
    local first_line = ("NOTIFY * HTTP/1.1\r\nHOST: %s:1900\r\nNTS: ssdp:alive"):format(GROUP)
    socket:send(1900, GROUP, message(first_line, "NT", name))
  end
end

net.multicastJoin("any", GROUP)
socket:on("receive", answer)
socket:listen(ssdp_port)
print("SSDP on port " .. socket:getaddr() .. ", described at " .. location)
if wifi.sta.getip() then
  announce()
  tmr.create():alarm(30000, tmr.ALARM_AUTO, announce)
end
