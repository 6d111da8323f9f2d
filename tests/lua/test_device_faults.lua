-- The conversations of the network modules on a bad network: late, cut into single bytes, lost,
-- stalled or reset at any byte. Each conversation ends once, with the right result or as a failure,
-- and leaves nothing open. This runs on the simulated network, where a time-out costs no time.

if not require "simulated" () then return end

local frame = require "netmcu.device.websocket_frame"
local http_server = require "http_server"
local mqtt_peer = require "mqtt_peer"
local ntp = require "netmcu.device.ntp_packet"
local mdns_message = require "netmcu.device.mdns_message"
local netmcu = require "netmcu"

local HOUR = 3600000 -- ms; nothing here may take so long

-- --- the conversations ---

-- Each one opens its peer, and calls done(came) when it is over: with true if everything came. Half
-- of a result is an error.
local tcp, udp = {}, {}

function tcp.mqtt(done)
  local messages, sent, reason = 0, 0, nil
  local peer = mqtt_peer {publish = function(socket, packet) -- sends it back, behind its acknowledgement
    local back = string.pack(">s2", packet.topic) .. "\0\1" .. packet.payload
    socket:send(string.pack(">I2I2", packet.qos == 1 and 0x4002 or 0x5002, packet.id)
      .. string.char(0x30 | packet.qos << 1, #back) .. back)
  end}
  local function finish()
    peer.close()
    done(messages == 2 and sent == 2)
  end
  local client = mqtt.Client("a", 60)
  client:lwt("will", "gone", 1, 0)
  client:on("message", function(self, topic, payload)
    messages = messages + 1
    assert(topic == "topic" and payload == "message " .. messages)
  end)
  client:on("puback", function(self)
    sent = sent + 1
    assert(sent <= 2)
    if sent == 2 and messages == 2 then
      self:close()
    end
  end)
  client:on("offline", function()
    assert(sent == 2 or reason == -5 or reason == -2 or reason == -1, reason)
    finish()
  end)
  client:connect("127.0.0.1", peer.port, false, function(self)
    self:subscribe("topic", 1, function()
      self:publish("topic", "message 1", 1, 0)
      self:publish("topic", "message 2", 2, 0)
    end)
  end, function(self, code)
    assert(reason == nil)
    reason = code
    if self.state == "idle" then
      assert(code == -5, code)
      finish()
    end
  end)
end

local chunked = "HTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"

function tcp.http(done)
  local server = http_server(function(request)
    local is_first = request:find("^POST /first HTTP/1.1\r\n.*\r\n\r\nbody$")
    assert(is_first or request:find "^POST /second HTTP/1.1\r\n")
    return is_first and "HTTP/1.1 307 There\r\nLocation: /second\r\nContent-Length: 0\r\n\r\n" or chunked
  end)
  http.post(("http://127.0.0.1:%d/first"):format(server.port), "X: 1\r\n", "body", function(status, body, headers)
    server:close()
    assert(status == -1 and body == nil or status == 200 and body == "hello world" and headers.a == "1")
    done(status == 200)
  end)
end

local handshake = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: %s\r\n\r\n"

-- A server that sends back each frame, without its mask.
local function echo_frames(request, c)
  local reader = frame.reader(1000)
  c:on("receive", function(_, more)
    reader:add(more)
    for opcode, payload in reader.next, reader do
      c:send(string.pack("Bs1", 128 | opcode, payload))
    end
  end)
  local key = request:match "Sec%-WebSocket%-Key: (%S+)"
  c:send(handshake:format(encoder.toBase64(crypto.sha1(key .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))))
end

function tcp.websocket(done)
  local server, came = http_server(echo_frames), false
  local ws = websocket.createClient()
  ws:on("connection", function() ws:send "hello" end)
  ws:on("receive", function(_, message, opcode)
    assert(not came and message == "hello" and opcode == 1)
    came = true
    ws:close()
  end)
  ws:on("close", function(_, status)
    assert(came and status == 0 or not came and status < 0, status)
    server:close()
    done(came)
  end)
  ws:connect("ws://127.0.0.1:" .. server.port)
end

if not pcall(crypto.sha1, "") then -- netmcu was built without nettle
  tcp.websocket = nil
end

-- A request to the portal; calls fn(answer) when the connection ends, or after five seconds.
local function ask_portal(text, fn)
  local sk, got, timer = net.createConnection(), "", tmr.create()
  local function finish()
    timer:unregister()
    fn(got)
  end
  sk:on("connection", function() sk:send(text) end)
  sk:on("receive", function(_, data) got = got .. data end)
  sk:on("disconnection", finish)
  timer:alarm(5000, tmr.ALARM_SINGLE, function()
    pcall(sk.close, sk)
    finish()
  end)
  sk:connect(80, "127.0.0.1")
end

local form = "wifi_ssid=net&wifi_password=secret&more=1"
local post = ("POST /setwifi HTTP/1.1\r\nAccept: application/json\r\nContent-Length: %d\r\n\r\n%s"):format(#form, form)
local status_body = '{"deviceid":"%06X", "status":%d}'

-- The form arrives as a whole or not at all, and the portal serves the next client.
function tcp.portal(done)
  file.remove "eus_params.lua" -- of a run that did not end
  local connected = 0
  enduser_setup.start(function() connected = connected + 1 end)
  ask_portal(post, function(answer)
    netmcu.fault() -- what was stalled arrives now
    local came = answer:match "\r\n\r\n(.*)$" == status_body:format(node.chipid(), 1)
    ask_portal("GET /status HTTP/1.1\r\n\r\n", function(text)
      assert(text:find "\r\n\r\nIdle%.$" and not came or text:find 'onnect[^\n]* to "net"[^\n]*%.$', text)
      tmr.create():alarm(2000, tmr.ALARM_SINGLE, function()
        local kept = file.exists "eus_params.lua"
        assert(connected == (kept and 1 or 0))
        assert(not kept or dofile "eus_params.lua".more == "1" and wifi.sta.getconfig(true).pwd == "secret")
        file.remove "eus_params.lua"
        enduser_setup.stop()
        done(came)
      end)
    end)
  end)
end

function udp.coap(done)
  local server, output, calls = coap.Server(), "", 0
  server:listen(5683, "127.0.0.1")
  server:func "count"
  function count(payload)
    calls = calls + 1
    return payload .. calls
  end
  node.output(function(text) output = output .. text end, 0)
  coap.Client():post(coap.CON, "coap://127.0.0.1/v1/f/count", "x")
  tmr.create():alarm(100000, tmr.ALARM_SINGLE, function()
    node.output()
    server:close()
    assert(calls <= 1 and (output == "" or output == "2.05\tx1\n"), output)
    done(output ~= "")
  end)
end

function udp.sntp(done)
  local server = net.createUDPSocket()
  server:listen(123)
  server:on("receive", function(_, data, port, ip)
    local time = string.pack(">i8", ntp.timestamp(1790000000000000))
    local head = "\x24\2\6\xe9" .. ("\0"):rep(8) .. "GPS\0"
    server:send(port, ip, head .. ("\0"):rep(8) .. data:sub(41, 48) .. time .. time)
  end)
  local function finish(came)
    server:close()
    done(came)
  end
  sntp.sync("127.0.0.1", function(seconds)
    assert(math.abs(seconds - 1790000000) < 60, seconds)
    finish(true)
  end, function(code)
    assert(code == 4, code)
    finish(false)
  end)
end

function udp.mdns(done)
  mdns.register("lamp")
  local name, came = mdns_message.name("lamp", "local"), false
  local sk = net.createUDPSocket()
  sk:on("receive", function(_, data)
    local answer = mdns_message.decode(data)
    assert(answer.records[1].name == name and answer.records[1].data == mdns_message.address(net.ifinfo(0).ip))
    came = true
  end)
  sk:send(5353, net.ifinfo(0).ip, mdns_message.query {{name = name, type = mdns_message.types.A}})
  tmr.create():alarm(20000, tmr.ALARM_SINGLE, function()
    sk:close()
    mdns.close()
    done(came)
  end)
end

-- --- the faults ---

-- Runs a conversation with these faults. Returns whether everything came.
local function run(converse, ...)
  local calls, result = 0, nil
  netmcu.fault()
  for _, fault in ipairs {...} do
    netmcu.fault(fault)
  end
  converse(function(came) calls, result = calls + 1, came end)
  netmcu.run(HOUR)
  local open = table.concat(netmcu.walk(), ", ")
  assert(calls == 1 and open == "", ("it ended %d times, open: %s"):format(calls, open))
  return result
end

local function memory() -- in KiB
  collectgarbage() -- calls the finalizers of what the second one frees
  collectgarbage()
  return collectgarbage "count"
end

-- Each conversation meets the fault one byte later than the one before, up to one that does not
-- meet it.
local function at_every_byte(converse, kind, direction, ...)
  local after, before = 0, nil
  while not run(converse, {kind = kind, direction = direction, after = after}, ...) do
    after, before = after + 1, before or memory()
  end
  assert(after > 90 and memory() < before + 30, "each conversation leaves memory behind")
end

for name, converse in pairs(tcp) do
  local one_byte = {kind = "cut", size = 1}
  assert(run(converse), name)
  assert(run(converse, {kind = "delay", ms = 300}), name)
  assert(run(converse, one_byte), name)
  assert(not run(converse, {kind = "refuse"}), name)
  for _, direction in ipairs {"in", "out"} do
    at_every_byte(converse, "reset", direction)
    at_every_byte(converse, "reset", direction, one_byte)
    at_every_byte(converse, "stall", direction)
  end
end

for name, converse in pairs(udp) do
  assert(run(converse), name)
  assert(run(converse, {kind = "delay", ms = 50}), name)
  assert(not run(converse, {kind = "refuse"}), name)
  local came = 0
  for seed = 1, 20 do
    came = came + (run(converse, {kind = "refuse", probability = 0.4, seed = seed}) and 1 or 0)
  end
  assert(came >= 4, name)
end
