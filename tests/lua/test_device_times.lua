-- The times that the network modules wait, in full, on the simulated network; and the sizes of mqtt.

if not require "simulated" () then return end

local mqtt_peer = require "mqtt_peer"
local host = require "netmcu.host"
local netmcu = require "netmcu"
local IDLE, HOURS = 28800, 36000000 -- s of a silent connection, ms

-- Calls fn(note), and runs until nothing is open. Each note gets the seconds since the start.
local function check(expected, fn)
  local start, notes = tmr.time(), {}
  fn(function(text) notes[#notes + 1] = text .. " " .. tmr.time() - start end)
  netmcu.run(HOURS)
  local got = table.concat(notes, ", ")
  assert(got == expected and #netmcu.walk() == 0, ("%s\nnot %s"):format(got, expected))
end

-- Accepts connections, and calls fn(c) with each.
local function listen(port, fn)
  local server = net.createServer(net.TCP, IDLE)
  server:listen(port, fn)
  return server
end

local function silent(c)
  c:on("receive", function() end)
end

-- --- http, websocket, the portal, sntp, mdns, cron ---

check("-1 60", function(note)
  local server = listen(80, silent)
  http.get("http://127.0.0.1/", nil, function(status)
    note(status)
    server:close()
  end)
end)

-- A server of websockets that accepts, and then says nothing.
local function accept(c)
  c:on("receive", function(_, request)
    local key = request:match "Sec%-WebSocket%-Key: (%S+)"
    silent(c)
    key = encoder.toBase64(crypto.sha1(key .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
    c:send("HTTP/1.1 101 x\r\nSec-WebSocket-Accept: " .. key .. "\r\n\r\n")
  end)
end

for expected, server in pairs(pcall(crypto.sha1, "") and {
  ["-18 10"] = silent, ["connection 0, -19 90"] = accept, ["connection 0, 0 5"] = accept,
} or {}) do
  check(expected, function(note)
    local listener, ws = listen(80, server), websocket.createClient()
    ws:on("connection", function()
      note "connection"
      if expected:find "5$" then
        ws:close()
      end
    end)
    ws:on("close", function(_, status)
      note(status)
      listener:close()
    end)
    ws:connect "ws://127.0.0.1/"
  end)
end

check("connected 1, end 11, client 30", function(note)
  host.wifi_delay = 600
  enduser_setup.start(function() note "connected" end)
  wifi.eventmon.register(wifi.eventmon.WIFI_MODE_CHANGED, function()
    if wifi.getmode() == wifi.STATION then
      wifi.eventmon.unregister(wifi.eventmon.WIFI_MODE_CHANGED)
      note "end"
    end
  end)
  local client, other = net.createConnection(), net.createConnection()
  client:on("disconnection", function() note "client" end)
  client:connect(80, "127.0.0.1")
  other:on("connection", function() other:send "GET /setwifi?wifi_ssid=a&wifi_password=b HTTP/1.1\r\n\r\n" end)
  other:connect(80, "127.0.0.1")
end)

check("4 5", function(note) sntp.sync("127.0.0.1", nil, note) end)

check("asked 0, asked 1000, asked 2000", function(note)
  local server, cookie = net.createUDPSocket(), nil
  server:listen(123)
  server:on("receive", function(_, data, port, ip)
    local time = data:sub(41)
    if cookie ~= true then
      note "asked"
    end
    cookie = true
    server:send(port, ip, "\x24\2\0\0" .. ("\0"):rep(20) .. time .. time .. time)
  end)
  local count = 0
  sntp.sync("127.0.0.1", function()
    count, cookie = count + 1, nil
    if count == 3 then
      server:close()
      tmr.create():alarm(1, tmr.ALARM_SINGLE, function() sntp.sync("127.0.0.1") end) -- the last one
    end
  end, nil, 1)
end)

check("announced 0, announced 1, announced 281, announced 561", function(note)
  local methods = getmetatable(net.createUDPSocket()).__index
  local send = methods.send
  function methods.send(...)
    note "announced"
    return send(...)
  end
  mdns.register "lamp"
  tmr.create():alarm(600000, tmr.ALARM_SINGLE, function()
    methods.send = send
    mdns.close()
  end)
end)

check("job 60, job 120, job 180", function(note)
  rtctime.set(1900000020)
  local jobs = 0
  cron.schedule("* * * * *", function(entry)
    jobs = jobs + 1
    note "job"
    if jobs == 3 then
      entry:unschedule()
    end
  end)
end)

-- --- mqtt ---

check("first 0, ping 66, ping 126, ping 186, reason -5 246, offline 246", function(note)
  local pings, peer = 0, nil
  peer = mqtt_peer({ -- answers two pings, and no messages
    publish = function(_, packet)
      if packet.payload == "first" then
        note "first"
      end
    end,
    pingreq = function(c)
      pings = pings + 1
      note "ping"
      if pings < 3 then
        c:send "\xd0\0"
      end
    end,
  }, 1883, IDLE)
  local client = mqtt.Client("x") -- 60 s
  client:on("offline", function()
    note "offline"
    peer.close()
  end)
  client:connect("127.0.0.1", nil, false, function() -- port 1883
    client:publish("t", "first", 1, 0)
    client:publish("t", "other", 1, 0)
  end, function(_, reason) note("reason " .. reason) end)
end)

for expected, fault in pairs {["reason -2 6"] = false, ["reason -5 60"] = {kind = "stall", port = 1883}} do
  check(expected, function(note)
    netmcu.options {connect_timeout = 100000}
    netmcu.fault(fault or nil)
    local server = listen(1883, silent)
    local function finish(_, reason)
      note("reason " .. reason)
      netmcu.fault()
      server:close()
    end
    mqtt.Client():connect("127.0.0.1", 1883, false, nil, finish)
  end)
end

check("connected 0, connected 1, connected 2", function(note)
  local client, peer, count = mqtt.Client(), nil, 0
  peer = mqtt_peer({connect = function(c) -- accepts, and leaves
    count = count + 1
    c:send "\x20\2\0\0"
    c:close()
  end}, 1883)
  client:on("connect", function()
    note "connected"
    if count == 3 then
      peer.close()
      client:close()
    end
  end)
  client:connect("127.0.0.1", 1883, 0, 1)
end)

-- --- sizes ---

check("message 1018 0, overflow 1018 0", function(note)
  local client, peer = mqtt.Client(), nil
  peer = mqtt_peer({subscribe = function(c)
    for _, size in ipairs {1018, 1019} do -- 1024 and 1025 bytes with their heads
      c:send(string.pack(">BBBs2", 0x30, (size + 3) & 127 | 128, (size + 3) >> 7, "t") .. ("x"):rep(size))
    end
  end}, 1883)
  client:on("message", function(_, _, message) note("message " .. #message) end)
  client:on("overflow", function(_, _, message)
    note("overflow " .. #message)
    client:close()
    peer.close()
  end)
  client:connect("127.0.0.1", 1883, 0, function() client:subscribe("t", 0) end)
end)

check("45000 0", function(note)
  local client, peer = mqtt.Client(), nil
  peer = mqtt_peer({publish = function() end}, 1883)
  client:connect("127.0.0.1", 1883, 0, function()
    local size = 0
    while client:publish("t", ("x"):rep(120), 1, 0) do -- 127 bytes with their head
      size = size + 127
    end
    note(size < 45000 and size + 127 > 45000 and 45000)
    client:close()
    peer.close()
  end)
end)
