-- enduser_setup: a portal that asks for the WiFi's name and password. It has a web server, and a
-- DNS server that gives every name its address. enduser_setup_request.lua reads and writes the
-- data.
--
-- The desktop is always connected, so the portal waits until somebody has sent the name and the
-- password. From then on it does what the device does.

local device = require "netmcu.device.init"
local flash = require "netmcu.device.flash"
local host = require "netmcu.host"
local machine = require "netmcu.device.wifi_address"
local net = require "net"
local page = require "netmcu.device.enduser_setup_page"
local request = require "netmcu.device.enduser_setup_request"
local stream = require "netmcu.device.stream"
local tmr = require "tmr"

local IDLE, CONNECTING, GOT_IP = 0, 1, 5 -- wifi.STA_…
local STATION, SOFTAP, STATIONAP = 1, 2, 3 -- modes of wifi; a mode with both bits of the others
local UNKNOWN_ERROR, SOCKET_ALREADY_OPEN, ALREADY_INITIALIZED = 3, 4, 6
local PREFIX = "SetupGadget_"
local CLIENT_TIMEOUT = 30 -- s

local control = {check_interval = 500, linger = 10000} -- ms
local wifi, is_manual = device.module("wifi"), false
local portal -- while it runs

-- --- the state ---

local function stop()
  if not is_manual then
    wifi.setmode(wifi.getmode() & ~SOFTAP)
  end
  local old = portal
  portal = nil
  if old then
    old.timer:unregister()
    for _, socket in ipairs(old.sockets) do
      socket:close()
    end
  end
end

-- A script that gives no function for errors still learns about them.
local function fail(code, text)
  local on_error = portal.on_error
  stop()
  if on_error then
    on_error(code, text)
  else
    host.note("netmcu: enduser_setup: " .. text)
  end
end

local function status()
  return portal.is_configured and wifi.sta.status() or IDLE
end

-- The last status remains available to clients for a while.
local function check_station()
  if status() == GOT_IP then
    portal.timer:unregister()
    if not is_manual then
      portal.timer:alarm(control.linger, tmr.ALARM_SINGLE, stop)
    end
    local on_connected = portal.on_connected
    if on_connected then
      on_connected()
    end
  end
end

-- Returns whether the form names a network that the station can join.
local function configure(form)
  local ssid, password = request.field(form, "wifi_ssid"), request.field(form, "wifi_password")
  if not ssid or ssid == "" or not password then
    return false
  end
  return pcall(function()
    wifi.sta.config {ssid = ssid, pwd = password}
    if not portal.is_configured then
      portal.is_configured = true
      portal.timer:alarm(control.check_interval, tmr.ALARM_AUTO, check_station)
    end
  end)
end

-- --- the web server ---

local function reply(client, status_line, body, headers)
  local head = "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\nCache-Control: no-cache\r\n%s\r\n%s"
  body = body or ""
  client:write(string.format(head, status_line, #body, headers or "", body), function() client:close() end)
end

local function redirect(client, location)
  reply(client, "302 Moved", nil, "Location: " .. location .. "\r\n")
end

local function reply_json(client, body)
  reply(client, "200 OK", body, "Content-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\n")
end

local function serve_page(client)
  local html = flash.read("enduser_setup.html.gz") or flash.read("enduser_setup.html") or page
  local encoding = string.sub(html, 1, 2) == "\x1f\x8b" and "Content-Encoding: gzip\r\n" or ""
  reply(client, "200 OK", html, "Content-Type: text/html\r\n" .. encoding)
end

local function quote(text)
  return '"' .. string.gsub(text, '[%c"\\]', function(c) return string.format("\\u%04x", string.byte(c)) end) .. '"'
end

local function serve_networks(client)
  if status() == CONNECTING then
    return reply(client, "204 No Content")
  elseif wifi.getmode() & STATION == 0 then -- only a station can scan
    return reply(client, "500 Internal Error")
  end
  wifi.sta.getap(1, function(list)
    local networks = {}
    for _, text in pairs(list) do
      local ssid, rssi, channel = string.match(text, "^(.*),(%-?%d+),%d+,(%d+)$")
      networks[#networks + 1] = string.format('{"ssid":%s,"rssi":%s,"chan":%s}', quote(ssid), rssi, channel)
    end
    reply_json(client, "[" .. table.concat(networks, ",") .. "]")
  end)
end

local texts = {
  [0] = "Idle.", 'Connecting to "%s".', 'Failed to connect to "%s" - Wrong password.',
  'Failed to connect to "%s" - Network not found.', "Failed to connect.", 'Connected to "%s" (%s).',
}

local function serve_status(client)
  local text = string.format(texts[status()], wifi.sta.getconfig(true).ssid, wifi.sta.getip() or "")
  reply(client, "200 OK", text, "Content-Type: text/plain\r\nAccess-Control-Allow-Origin: *\r\n")
end

-- As on the device, the address takes the place of the id once there is one.
local function serve_status_json(client)
  local now = status()
  local id = now == GOT_IP and wifi.sta.getip() or string.format("%06X", device.module("node").chipid())
  reply_json(client, string.format('{"deviceid":"%s", "status":%d}', id, now))
end

local function serve_update(client, asked)
  if configure(request.form(asked.query)) then
    redirect(client, "/")
  else
    reply(client, "400 Bad request")
  end
end

-- The firmware's documentation promises the status as an answer, and older firmware gives it to a
-- GET. Current firmware takes a POST and redirects, as a browser needs it.
local function serve_setwifi(client, asked)
  local is_post = asked.method == "POST"
  local form = request.form(is_post and asked.body or asked.query)
  if not configure(form) then
    return reply(client, "400 Bad request")
  end
  if is_post then
    device.module("file").putcontents("eus_params.lua", request.params(form))
  end
  if is_post and not string.find(asked.accept, "application/json", 1, true) then
    redirect(client, "/?trying=true")
  else
    serve_status_json(client)
  end
end

local pages = {
  ["GET /"] = serve_page, ["GET /aplist"] = serve_networks, ["GET /status"] = serve_status,
  ["GET /status.json"] = serve_status_json, ["GET /update"] = serve_update, ["GET /setwifi"] = serve_setwifi,
  ["POST /setwifi"] = serve_setwifi,
  ["GET /generate_204"] = function(client) reply(client, "204 No Content") end,
}

local function serve(client, asked)
  local method, fn = asked.method, pages[asked.method .. " " .. asked.path]
  if method == "OPTIONS" then
    reply(client, "200 OK", nil, "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET, POST\r\n")
  elseif method ~= "GET" and method ~= "POST" then
    reply(client, "405 Method Not Allowed")
  elseif fn then
    fn(client, asked)
  else
    reply(client, "404 Not found")
  end
end

local function on_client(sk)
  local text, client = "", nil
  client = stream.accepted(sk, {receive = function(data)
    text = text .. data
    local asked = request.read(text)
    if asked == nil then
      return
    end
    client.events = {}
    if asked and portal then
      serve(client, asked)
    else
      reply(client, "400 Bad request")
    end
  end})
end

-- --- the ports ---

-- A user who may not open the port gets the one 8000 higher, and a line says so.
local function listen(socket, ...)
  if not pcall(socket.listen, socket, ...) then
    host.map_port "auto"
    socket:listen(...)
  end
  table.insert(portal.sockets, socket)
end

local function on_query(socket, query, port, ip)
  local address = wifi.ap.getip()
  local answer = address and request.answer(query, address)
  if answer then
    socket:send(port, ip, answer)
  elseif not address then
    fail(UNKNOWN_ERROR, "dns_recv_callback failed. Interface mode not supported.")
  end
end

local function open_ports()
  local socket = net.createUDPSocket()
  socket:on("receive", on_query)
  listen(socket, 53)
  listen(net.createServer(net.TCP, CLIENT_TIMEOUT), 80, on_client)
end

-- --- the functions ---

local enduser_setup = {stop = stop}

function enduser_setup.manual(on)
  if on ~= nil then
    is_manual = on ~= false
  end
  return is_manual
end

-- start([ssid,] [on_connected [, on_error [, on_debug]]]). The firmware is built without the debug
-- texts.
function enduser_setup.start(ssid, on_connected, on_error)
  if type(ssid) ~= "string" then
    ssid, on_connected, on_error = nil, ssid, on_connected
  end
  local is_running = portal ~= nil
  portal = portal or {sockets = {}, timer = tmr.create()}
  portal.on_connected, portal.on_error = on_connected, on_error
  if is_running then
    return fail(ALREADY_INITIALIZED, "init failed. Appears to already be started. EUS will shut down now.")
  end
  if not is_manual then
    wifi.setmode(STATIONAP)
    wifi.ap.config {ssid = ssid or PREFIX .. machine.mac_end("ap")}
  end
  local done, problem = pcall(open_ports)
  if not done then
    fail(SOCKET_ALREADY_OPEN, string.gsub(problem, "^netmcu%.[%w._]+:%d+: ", ""))
  end
end

return {api = enduser_setup, control = control}
