-- enduser_setup: the portal waits for a name and a password, whatever the desktop's network is, and
-- serves the firmware's paths. Its ports are mapped to free ones.

local expect = require "expect"
local netmcu = require "netmcu"
local host = require "netmcu.host"
local control = require "netmcu.device.enduser_setup".control

netmcu.map_port "80=0"
netmcu.map_port "53/udp=0"
host.wifi_delay, control.check_interval, control.linger = 10, 10, 10

file.remove "eus_params.lua" -- of a run that did not end

-- Calls fn(head, body) with the answer to a request.
local function ask(text, fn)
  local sk, got = net.createConnection(), ""
  sk:on("connection", function() sk:send(text) end)
  sk:on("receive", function(_, data) got = got .. data end)
  sk:on("disconnection", expect(function()
    local head, body = got:match "^(.-)\r\n\r\n(.*)$"
    assert(tonumber(head:match "\r\nContent%-Length: (%d+)") == #body and head:find("\r\nConnection: close", 1, true), got)
    fn(head, body)
  end))
  sk:connect(netmcu.mapped_port(80), "127.0.0.1")
end

local function get(path, fn)
  ask("GET " .. path .. " HTTP/1.1\r\nHost: x\r\n\r\n", fn)
end

local function post(path, body, fn, headers)
  ask(("POST %s HTTP/1.1\r\nContent-Length: %d\r\n%s\r\n%s"):format(path, #body, headers or "", body), fn)
end

-- Makes requests one after another: {request, status line, body or a function that checks it}.
local function conversation(rows, done)
  local at = 0
  local function next_row()
    at = at + 1
    local row = rows[at]
    if not row then
      return done()
    end
    row[1](function(head, body)
      assert(head:match "^HTTP/1.1 ([^\r]+)" == row[2], head)
      if type(row[3]) == "function" then
        row[3](head, body)
      else
        assert(body == (row[3] or ""), body)
      end
      next_row()
    end)
  end
  next_row()
end

local function getting(path)
  return function(fn) get(path, fn) end
end

local function posting(...)
  local path, body, headers = ...
  return function(fn) post(path, body, fn, headers) end
end

local function goes_to(location)
  return function(head) assert((head .. "\r\n"):find("\r\nLocation: " .. location .. "\r\n", 1, true), head) end
end

local function query(name, fn)
  local sk = net.createUDPSocket()
  sk:on("receive", expect(function(_, answer)
    sk:close()
    fn(answer)
  end))
  local labels = name:gsub("([^.]+)%.?", function(label) return string.pack("s1", label) end)
  sk:send(netmcu.mapped_port(53, "udp"), "127.0.0.1", "\1\2\1\0\0\1\0\0\0\0\0\0" .. labels .. "\0\0\1\0\1")
end

-- --- parts, one after another ---

local id = ("%06X"):format(node.chipid())
local OK, BAD = "200 OK", "400 Bad request"
local parts = {}

local function part(fn)
  parts[#parts + 1] = expect(fn)
end

local function next_part()
  table.remove(parts, 1)(next_part)
end

-- The portal before anybody has sent a name. The station of the desktop is connected.
part(function(done)
  assert(wifi.sta.getip() and enduser_setup.manual() == false)
  expect.nothing(enduser_setup.start(expect.never "connected", print, print))
  assert(wifi.getmode() == wifi.STATIONAP and wifi.ap.getconfig():find "^SetupGadget_%x%x%x%x%x%x$")
  assert(wifi.ap.getconfig(true).auth == wifi.OPEN)
  conversation({
    {getting "/", OK, function(head, body) assert(body:find "<html>" and head:find "text/html" and not head:find "gzip") end},
    {getting "/?trying=true", OK, function(_, body) assert(body:find "wifi_ssid") end},
    {getting "/status", OK, "Idle."},
    {getting "/status.json", OK, '{"deviceid":"' .. id .. '", "status":0}'},
    {getting "/aplist", OK, '[{"ssid":"netmcu","rssi":-50,"chan":6}]'},
    {getting "/generate_204", "204 No Content"},
    {getting "/hotspot-detect.html", "404 Not found"},
    {getting "/update", BAD}, {getting "/update?wifi_password=x", BAD}, {getting "/update?wifi_ssid=&wifi_password=x", BAD},
    {getting "/update?wifi_ssid=x", BAD}, {getting "/setwifi", BAD}, {posting("/setwifi", "wifi_ssid=x"), BAD},
    {posting("/setwifi", "wifi_ssid=" .. ("x"):rep(33) .. "&wifi_password=x"), BAD},
    {posting("/update", "wifi_ssid=x&wifi_password=x"), "404 Not found"},
    {function(fn) ask("PUT / HTTP/1.1\r\n\r\n", fn) end, "405 Method Not Allowed"},
    {function(fn) ask("OPTIONS /status.json HTTP/1.1\r\n\r\n", fn) end, OK,
      function(head) assert(head:find("\r\nAccess-Control-Allow-Origin: *", 1, true)) end},
    {function(fn) ask("nonsense\r\n\r\n", fn) end, BAD},
    {getting "/status.json", OK, '{"deviceid":"' .. id .. '", "status":0}'}, -- nothing was stored
  }, function()
    query("any.name", function(answer)
      local ip = answer:sub(-4):gsub(".", function(c) return c:byte() .. "." end):sub(1, -2)
      assert(ip == wifi.ap.getip(), ip)
      assert(not file.exists "eus_params.lua")
      expect.nothing(enduser_setup.stop())
      assert(wifi.getmode() == wifi.STATION)
      done()
    end)
  end)
end)

-- Calls fn() when the portal has ended by itself.
local function on_end(fn)
  wifi.eventmon.register(wifi.eventmon.WIFI_MODE_CHANGED, expect(function()
    if wifi.getmode() == wifi.STATION then
      wifi.eventmon.unregister(wifi.eventmon.WIFI_MODE_CHANGED)
      fn()
    end
  end, 1, 3))
end

-- A name arrives, in each of the forms. The portal ends after the script has learnt of it.
local form = "wifi_ssid=my+net&wifi_password=pass%26word&more=1"
local connecting = '{"deviceid":"' .. id .. '", "status":1}'
for _, row in ipairs {
  {getting("/update?" .. form), "302 Moved", goes_to "/"},
  {getting("/setwifi?" .. form), OK, connecting},
  {posting("/setwifi", form), "302 Moved", goes_to "/?trying=true", has_file = true},
  {posting("/setwifi", form, "Accept: application/json\r\n"), OK, connecting, has_file = true},
} do
  part(function(done)
    host.wifi_delay = row[3] == connecting and 200 or 10 -- enough for a machine that pauses
    enduser_setup.start("MyPortal", expect(function(...)
      assert(select("#", ...) == 0 and wifi.sta.status() == wifi.STA_GOTIP)
      local ssid, password = wifi.sta.getconfig()
      assert(ssid == "my net" and password == "pass&word")
    end), expect.never "an error")
    assert(wifi.ap.getconfig() == "MyPortal")
    on_end(function()
      assert(file.exists "eus_params.lua" == (row.has_file or false))
      assert(not row.has_file or dofile "eus_params.lua".more == "1")
      file.remove "eus_params.lua"
      done()
    end)
    conversation({row}, function() end)
  end)
end

part(function(done) -- while the station connects, and then for a while
  host.wifi_delay, control.linger = 3600000, 3600000
  enduser_setup.start(expect(function()
    conversation({
      {getting "/status", OK, ('Connected to "a" (%s).'):format(wifi.sta.getip())},
      {getting "/status.json", OK, ('{"deviceid":"%s", "status":5}'):format(wifi.sta.getip())},
      {getting "/update?wifi_ssid=c&wifi_password=d", "302 Moved", goes_to "/"}, -- does not call back again
    }, function()
      tmr.create():alarm(50, tmr.ALARM_SINGLE, function() -- later than another call would be
        enduser_setup.stop()
        control.linger = 10
        done()
      end)
    end)
  end))
  conversation({
    {getting "/update?wifi_ssid=a&wifi_password=b", "302 Moved", goes_to "/"},
    {getting "/aplist", "204 No Content"}, {getting "/status", OK, 'Connecting to "a".'},
    {function(fn)
      host.wifi_delay = 10
      get("/update?wifi_ssid=a&wifi_password=b", fn)
    end, "302 Moved", goes_to "/"},
  }, function() end)
end)

part(function(done) -- the page is a file, compressed or not
  enduser_setup.start()
  file.putcontents("enduser_setup.html", "<p>mine</p>")
  conversation({
    {getting "/", OK, "<p>mine</p>"},
    {function(fn)
      file.putcontents("enduser_setup.html.gz", "\x1f\x8b compressed")
      get("/", fn)
    end, OK, function(head, body)
      assert(head:find("\r\nContent-Encoding: gzip", 1, true) and body == "\x1f\x8b compressed")
    end},
    {function(fn)
      file.putcontents("enduser_setup.html.gz", ("not compressed "):rep(10000))
      get("/", fn)
    end, OK, function(head, body) assert(not head:find "gzip" and #body == 150000) end},
  }, function()
    file.remove "enduser_setup.html"
    file.remove "enduser_setup.html.gz"
    enduser_setup.stop()
    done()
  end)
end)

part(function(done) -- in manual mode the access point is the script's, and the portal stays
  assert(enduser_setup.manual(true) == true and enduser_setup.manual() == true)
  wifi.setmode(wifi.STATIONAP)
  wifi.ap.config {ssid = "mine"}
  enduser_setup.start(expect(function()
    tmr.create():alarm(50, tmr.ALARM_SINGLE, function() -- later than the end would be
      conversation({{getting "/status.json", OK, function(_, body) assert(body:find '"status":5') end}}, function()
        enduser_setup.stop()
        assert(wifi.getmode() == wifi.STATIONAP and wifi.ap.getconfig() == "mine")
        enduser_setup.manual(false)
        done()
      end)
    end)
  end))
  get("/update?wifi_ssid=a&wifi_password=b", function() end)
end)

part(function(done) -- without a station, nothing can look for networks
  enduser_setup.manual(true)
  enduser_setup.start()
  local function in_mode(mode)
    return function(fn)
      wifi.setmode(mode)
      get("/aplist", fn)
    end
  end
  conversation({
    {in_mode(wifi.SOFTAP), "500 Internal Error"}, {in_mode(wifi.NULLMODE), "500 Internal Error"},
    {in_mode(wifi.STATION), OK, function(_, body) assert(body:find '"ssid":"') end},
  }, function()
    enduser_setup.stop()
    enduser_setup.manual(false)
    done()
  end)
end)

part(function(done) -- a second start() ends the first portal
  enduser_setup.start(expect.never "connected", expect.never "the first function")
  enduser_setup.start(nil, expect(function(code, text)
    assert(code == 6 and text:find "already be started")
    enduser_setup.stop() -- does nothing
    enduser_setup.start()
    enduser_setup.stop()
    done()
  end))
end)

part(function(done) -- a port that is in use
  local server = net.createServer()
  server:listen(80, function() end)
  netmcu.map_port("80=" .. netmcu.mapped_port(80))
  enduser_setup.start(nil, expect(function(code, text)
    assert(code == 4 and text == "address in use", text)
    server:close()
    done()
  end))
end)

part(function() -- no access point
  enduser_setup.manual(true)
  wifi.setmode(wifi.STATION)
  enduser_setup.start(nil, expect(function(code, text) assert(code == 3 and text:find "Interface mode", text) end))
  local sk = net.createUDPSocket()
  sk:send(netmcu.mapped_port(53, "udp"), "127.0.0.1", "\1\2\1\0\0\1\0\0\0\0\0\0\0\0\1\0\1", function() sk:close() end)
end)

next_part()
expect.finish()
assert(#parts == 0)
