-- sntp: sets the clock of rtctime by the best of several replies, or reports one of four errors.
-- The test is the time server; no time server of the machine is asked.

if not require "simulated" () then return end

local expect = require "expect"
local netmcu = require "netmcu"
local packet = require "netmcu.device.ntp_packet"
local clock = require "netmcu.device.rtctime".clock
local settings = require "netmcu.device.sntp".settings

settings.timeout = 15 -- ms; the replies of this part are not needed
netmcu.map_port "123/udp=0"
netmcu.dns "127.0.0.1:9" -- nobody

-- --- the server ---

local TIME = 1790000000 -- seconds on the server's clock when the test starts
local started = tmr.now()

local function server_time(seconds)
  return packet.timestamp(math.floor((TIME + (seconds or 0)) * 1000000) + (tmr.now() - started))
end

local requests, answer, asker
local server = net.createUDPSocket()
server:listen(123)
server:on("receive", function(self, data, port, ip)
  requests, asker = requests + 1, port
  local reply = answer(data, requests)
  if reply then
    self:send(port, ip, reply)
  end
end)

local function reply(data, fields)
  fields = type(fields) == "table" and fields or {}
  local first = (fields.leap or 0) << 6 | 4 << 3 | (fields.mode or 4)
  return string.pack(">BBBBI4I4c4i8c8i8i8", first, fields.stratum or 2, 6, 0xe9, fields.root_delay or 0x8000,
    fields.root_dispersion or 0x4000, fields.reference or "GPS\0", 0,
    fields.origin or data:sub(41, 48), server_time(fields.ahead), server_time(fields.ahead))
end

local function is_right(seconds)
  return math.abs(seconds - TIME) < 60
end

-- Runs a sync and returns what its callback got.
local function sync(servers, fn)
  requests, answer = 0, fn or reply
  local result
  local function keep(kind)
    return function(...) result = table.pack(kind, ...) end
  end
  expect.nothing(sntp.sync(servers, keep "synced", keep "failed"))
  assert(result == nil, "nothing is called before sync returns")
  netmcu.wait(function() return result end)
  return table.unpack(result, 1, result.n)
end

-- --- errors, before there is a server to remember ---

local function fails(code, name, servers, fn)
  local kind, got_code, got_name = sync(servers, fn)
  assert(kind == "failed" and got_code == code and got_name == name, tostring(got_code) .. " " .. tostring(got_name))
end

fails(1, "", "")
fails(1, "no.such\0name", {"no.such\0name", ""})
fails(1, nil, {})
fails(4, nil, "127.0.0.1", function() end)
assert(requests == 5)
fails(4, nil, {"127.0.0.1", "", "127.0.0.1"}, function() end)
assert(requests == 8)
assert(clock.age() == nil)
expect.raises("need <128 hostname", sntp.sync, ("x"):rep(129))
expect.raises("bad argument #1 to 'sync' (string expected, got boolean)", sntp.sync, true)
expect.raises("bad argument #1 to 'sync' (string expected, got boolean)", sntp.sync, {"127.0.0.1", true})

-- replies that do not count: too short, of another request, of a client, not synchronized
local wrong = {
  "x", ("x"):rep(47), ("\0"):rep(48), {origin = ("\0"):rep(8)}, {mode = 3}, {leap = 3}, {stratum = 0},
  {leap = 3, reference = "RATE"},
}
for _, fields in ipairs(wrong) do
  fails(4, nil, "127.0.0.1", function(data)
    return type(fields) == "string" and fields or type(fields) == "table" and reply(data, fields) or nil
  end)
  assert(requests == 5)
end
fails(4, nil, "127.0.0.1", function(data) return reply(data, {leap = 3, reference = "DENY"}) end)
assert(requests == 1, "a server that denies service is not asked again")

-- --- success ---

settings.timeout = 10000

netmcu.resolve "*.nodemcu.pool.ntp.org=127.0.0.1"
local kind, seconds, microseconds, ip, info = sync(nil) -- four names
assert(kind == "synced" and is_right(seconds) and ip == "127.0.0.1" and requests == 8 and is_right(info.offset_s))
kind, seconds, microseconds, ip, info = sync("127.0.0.1")
assert(kind == "synced" and is_right(seconds) and microseconds >= 0 and microseconds < 1000000 and ip == "127.0.0.1")
assert(requests == 5 and is_right(rtctime.get()) and clock.age() >= 0)
assert(info.offset_s == nil and math.abs(info.offset_us) < 1000000)
assert(info.stratum == 2 and info.leap == 0 and info.pending_leap == 0 and info.delay_us == nil or info.delay_us >= 0)
assert(info.root_delay_us == 500000 and info.root_dispersion_us == 250000 and info.root_maxerr_us >= 500000)

-- the server of the last sync; a second sync finds the clock right
kind, seconds, microseconds, ip, info = sync(nil)
assert(kind == "synced" and is_right(seconds) and ip == "127.0.0.1" and requests == 5)
assert(info.offset_s == nil and math.abs(info.offset_us) < 1000000)

-- a server that works for longer than the packets are on their way, by its clock
info = select(5, sync("127.0.0.1", function(data)
  local text = reply(data)
  return text:sub(1, 40) .. string.pack(">i8", string.unpack(">i8", text, 41) + (5 << 32))
end))
assert(info.delay_us == nil and info.root_maxerr_us == 500000, info.delay_us)

-- the best reply: the one with the smallest delay on the way from the reference clock
for best = 1, 5 do
  kind, seconds = sync(nil, function(data, count)
    return reply(data, count == best and {root_delay = 0x10} or {ahead = 1000})
  end)
  assert(kind == "synced" and is_right(seconds))
end

-- lost replies, an unknown name among others, a reply of a stranger
netmcu.resolve "10.0.0.1:123=127.0.0.1:9"
settings.timeout = 50
kind, seconds, microseconds, ip = sync({"", "10.0.0.1", "localhost"}, function(data, count)
  return count > 1 and reply(data) or nil
end)
assert(kind == "synced" and is_right(seconds) and ip == "127.0.0.1")

-- a reply of a stranger, which counts only if any server may answer
local stranger = net.createUDPSocket()
if pcall(stranger.listen, stranger, 0, "127.0.0.2") then -- not on every system
  local function answer_as_stranger(data)
    stranger:send(asker, "127.0.0.1", reply(data))
  end
  settings.timeout = 15
  fails(4, nil, "127.0.0.1", answer_as_stranger)
  netmcu.resolve(("224.0.1.1:123=127.0.0.1:%d"):format(netmcu.mapped_port(123, "udp")))
  settings.timeout = 50
  kind, seconds, microseconds, ip = sync("224.0.1.1", answer_as_stranger)
  assert(kind == "synced" and ip == "127.0.0.2")
  stranger:close()
end
settings.timeout = 10000

-- One sync runs at a time. Callbacks may be missing, or of another type.
local function when_idle(...)
  local arguments = table.pack(...)
  netmcu.wait(function() return pcall(sntp.sync, table.unpack(arguments, 1, arguments.n)) end)
end
answer, requests = reply, 0
expect.nothing(sntp.sync("127.0.0.1", 1, {}))
expect.raises("sync in progress", sntp.sync)
when_idle()
when_idle("127.0.0.1", nil, nil)
netmcu.wait(function() return requests == 15 end)

-- what the system refuses to send
settings.timeout = 5
local methods = getmetatable(server).__index
local send = methods.send
for code, message in pairs {[2] = "out of memory", [3] = "routing problem"} do
  function methods.send() error(message, 0) end
  local result
  when_idle("127.0.0.1", nil, function(...) result = table.pack(...) end)
  netmcu.wait(function() return result end)
  assert(result[1] == code and result.n == 2)
end
methods.send, settings.timeout = send, 10000

-- --- repeated syncs ---

settings.interval = 20
TIME = TIME + 30 -- later than all times that the clock has had, so that it need not become slower
local calls, errors = 0, 0
sntp.sync("127.0.0.1", function(now)
  calls = calls + 1
  assert(is_right(now))
  if calls == 2 then
    assert(select(3, rtctime.get()) > 0, "a small error is corrected by the rate")
    answer, settings.timeout = function() end, 15
  end
end, function(code)
  assert(code == 4)
  settings.timeout = 10000
  errors = errors + 1
  answer = reply
end, 0)
answer = function(data) return reply(data, {ahead = calls == 0 and 0 or 0.1}) end
netmcu.wait(function() return errors == 1 and calls == 4 end)
settings.interval = 1000000
when_idle "127.0.0.1" -- this ends the repetition

-- --- the offset of leap seconds ---

assert(sntp.getoffset() == 0)
expect.nothing(sntp.setoffset(200))
assert(sntp.getoffset() == 200)
local done
local function keep(now, _, _, details)
  done = {now = now, info = details}
end
when_idle("127.0.0.1", keep)
netmcu.wait(function() return done end)
assert(is_right(done.now - 200) and sntp.getoffset() == 200 and is_right(rtctime.get() - 200))
expect.nothing(sntp.setoffset())
assert(sntp.getoffset() == 0)

-- A second is inserted at the end of a month, when the server has announced it, and only then.
local function cross(midnight, leap)
  rtctime.set(midnight - 1)
  sntp.setoffset(0)
  TIME, started, done = midnight - 1, tmr.now(), nil
  answer = function(data) return reply(data, {leap = leap}) end
  when_idle("127.0.0.1", keep)
  netmcu.wait(function() return done end)
  assert(done.info.leap == leap)
  sntp.getoffset()
  rtctime.set(midnight + 1)
  return sntp.getoffset()
end
assert(cross(1798761600, 1) == 1)  -- 2027-01-01
assert(cross(1801440000, 2) == -1) -- 2027-02-01
assert(cross(1801526400, 1) == 0)  -- 2027-02-02
assert(cross(1803859200, 0) == 0)  -- 2027-03-01

-- The times of NTP wrap around. A server whose clock is ten seconds before 1970 is taken for one
-- whose clock is right in 2106, as on the device.
kind, seconds = sync("127.0.0.1", function(data) return reply(data, {ahead = -TIME - 10}) end)
assert(kind == "synced" and seconds >= 0xfffffff6 and seconds <= 0xffffffff and rtctime.get() >= seconds)

server:close()
expect.finish()
