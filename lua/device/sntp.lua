-- sntp: sets the clock of rtctime by the reply of a time server.
--
-- As on the device, a sync looks up all names, then asks each server in turn, several times. The
-- reply that was on its way for the shortest time counts. A repeated sync corrects small errors by
-- the rate of the clock.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local clock = require "netmcu.device.rtctime".clock
local ntp_packet = require "netmcu.device.ntp_packet"
local net, tmr = require "net", require "tmr"

local PORT = 123
local ANYCAST = "224.0.1.1" -- any server may answer
local POOL = {"0.nodemcu.pool.ntp.org", "1.nodemcu.pool.ntp.org", "2.nodemcu.pool.ntp.org", "3.nodemcu.pool.ntp.org"}
local ROUNDS, REQUESTS = 5, 8    -- a sync ends after that many rounds, or the round with that many requests
local NAME = 128                 -- bytes of a name
local SLEW = 200000              -- µs that a repeated sync corrects by the rate of the clock
local SERVER, UNSYNCHRONIZED = 4, 3 -- of the fields mode and leap of a packet

local DNS_FAILED, NO_MEMORY, SEND_FAILED, NO_ANSWER = 1, 2, 3, 4

local settings = {timeout = 1000, interval = 1000000} -- ms, for a reply and between repeated syncs
local servers = {}     -- the addresses that the last sync used
local current          -- the sync that is running
local repeater         -- the timer of repeated syncs
local rate = 0         -- of the clock, without the part that corrects the last error

-- Until the clock is set, it counts from the start, as on the device.
local function now()
  return clock.age() and clock.now() or host.now()
end

-- --- leap seconds ---

local offset = 0       -- seconds by which rtctime is ahead of NTP
local counts_leaps = false
local pending_leap = 0 -- 1: a second comes at the end of the month; 2: one is left out
local midnight

local function midnight_after(seconds)
  return seconds + 86400 - seconds % 86400
end

local function update_offset()
  if pending_leap == 0 or not counts_leaps then
    return
  end
  local seconds = now() // 1000000 - offset
  if midnight and seconds >= midnight then
    if os.date("!*t", seconds).day == 1 then
      offset = offset + (pending_leap == 1 and 1 or -1)
    end
    pending_leap = 0
  end
  midnight = midnight_after(seconds)
end

-- --- the end of a sync ---

local function finish(sync)
  current = nil
  sync.timer:unregister()
  if sync.socket:getaddr() then
    sync.socket:close()
  end
end

local function fail(sync, code, name)
  servers = {} -- the next sync looks up all names again
  finish(sync)
  if sync.on_error then
    sync.on_error(code, name)
  end
end

local function microseconds_of(fraction) -- of 2^-16 s
  return fraction * 1000000 >> 16
end

local function describe(best)
  local delay, root_delay, root_dispersion = best.delay, best.reply.root_delay, best.reply.root_dispersion
  local info = {
    delay_us = delay > 0 and microseconds_of(delay) or nil,
    root_delay_us = microseconds_of(root_delay), root_dispersion_us = microseconds_of(root_dispersion),
    root_maxerr_us = microseconds_of(root_dispersion + root_delay // 2 + delay // 2),
    stratum = best.reply.stratum, leap = best.reply.leap, pending_leap = pending_leap,
  }
  if best.ahead // (1 << 40) == 0 or best.ahead // (1 << 40) == -1 then -- less than 256 s
    info.offset_us = ntp_packet.microseconds(best.ahead)
  else
    info.offset_s = best.ahead // (1 << 32)
  end
  return info
end

local function correct(sync, ahead, time)
  local error = ntp_packet.microseconds(ahead)
  if sync.is_repeated and error > -SLEW and error < SLEW then
    clock.set_rate(rate + ahead // (1 << 11))
    rate = rate + ahead // (1 << 13)
  else
    clock.set(time)
  end
end

-- The seconds of NTP and of rtctime have 32 bits: a time before 1970 is one after 2036.
local function succeed(sync)
  local best = sync.best
  local time = (now() + ntp_packet.microseconds(best.ahead)) % (1000000 << 32)
  correct(sync, best.ahead, time)
  finish(sync)
  if sync.on_sync then
    sync.on_sync(time // 1000000, time % 1000000, best.server, describe(best))
  end
end

-- --- requests and replies ---

local function ntp_now()
  return ntp_packet.timestamp(now() - offset * 1000000)
end

-- Returns false when all requests have been made.
local function choose_next(sync)
  repeat
    sync.position = sync.position + 1
    if sync.position > #servers then
      sync.position, sync.round = 1, sync.round + 1
    end
    if sync.round >= ROUNDS or sync.round * #servers >= REQUESTS then
      return false
    end
  until not sync.denied[sync.position]
  return true
end

local function ask(sync)
  if not choose_next(sync) then
    if sync.best then
      return succeed(sync)
    end
    return fail(sync, sync.problem or NO_ANSWER)
  end
  sync.cookie = ntp_now()
  local request = ntp_packet.request(sync.cookie)
  local done, message = pcall(sync.socket.send, sync.socket, PORT, servers[sync.position], request)
  if done then
    sync.problem = NO_ANSWER
  elseif not sync.problem then
    sync.problem = string.find(message, "out of memory", 1, true) and NO_MEMORY or SEND_FAILED
  end
  sync.timer:alarm(settings.timeout, tmr.ALARM_SINGLE, function() ask(sync) end)
end

local function is_reply(sync, reply, ip)
  local server = servers[sync.position]
  return (server == ip or server == ANYCAST) and reply.origin == sync.cookie and reply.mode == SERVER
end

-- A server that is near has a steadier clock.
local function weigh(sync, reply, ahead, delay, ip)
  delay = math.max(0, delay // 0x10000)
  local weight = delay + 2 * reply.root_delay
  if not sync.best or weight < sync.best.weight then
    sync.best = {reply = reply, ahead = ahead, delay = delay, weight = weight, server = ip}
  end
end

local function on_receive(sync, data, ip)
  local arrival = ntp_now()
  local reply = ntp_packet.decode(data)
  if not reply or not is_reply(sync, reply, ip) then
    return
  elseif reply.leap == UNSYNCHRONIZED or reply.stratum == 0 then
    sync.denied[sync.position] = reply.reference == "DENY"
    return
  end
  servers[sync.position] = ip
  pending_leap = reply.leap > 0 and reply.leap or pending_leap
  update_offset()
  local ahead, delay = ntp_packet.compare(reply, arrival)
  weigh(sync, reply, ahead, delay, ip)
  ask(sync)
end

-- --- the start of a sync ---

local function look_up(sync, index)
  local name = sync.names[index]
  if name == nil and #servers == 0 then
    return fail(sync, DNS_FAILED, sync.names[1])
  elseif name == nil then
    return ask(sync)
  end
  local function on_answer(_, ip)
    servers[#servers + 1] = ip
    look_up(sync, index + 1)
  end
  if not pcall(net.dns.resolve, name, on_answer) then -- a name that cannot exist
    host.post(on_answer)
  end
end

-- Looks up the names, or uses the addresses of the last sync.
local function start(names, on_sync, on_error, is_repeated)
  local sync = {
    names = names, on_sync = on_sync, on_error = on_error, is_repeated = is_repeated, position = 0, round = 0,
    denied = {}, socket = net.createUDPSocket(), timer = tmr.create(),
  }
  current = sync
  sync.socket:on("receive", function(_, data, _, ip) on_receive(sync, data, ip) end)
  if not names then
    return host.post(function() ask(sync) end)
  end
  servers = {}
  host.post(function() look_up(sync, 1) end)
end

local function read_names(server)
  if server == nil then
    return #servers == 0 and POOL or nil
  elseif type(server) ~= "table" then
    server = argument.text(server, 1, "sync")
    if #server > NAME then
      argument.raise "need <128 hostname"
    end
    return {server}
  end
  local names = {}
  for i, name in ipairs(server) do
    names[i] = argument.text(name, 1, "sync")
  end
  return names
end

local function repeat_sync(names, on_sync, on_error)
  repeater = tmr.create()
  repeater:alarm(settings.interval, tmr.ALARM_AUTO, function()
    if not current then
      start(#servers == 0 and (names or POOL) or nil, on_sync, on_error, true)
    end
  end)
end

local sntp = {}

function sntp.sync(server, on_sync, on_error, autorepeat)
  if repeater then
    repeater:unregister()
    repeater = nil
  end
  if current then
    argument.raise "sync in progress"
  end
  local names = read_names(server)
  on_sync, on_error = type(on_sync) == "function" and on_sync, type(on_error) == "function" and on_error
  start(names, on_sync, on_error, false)
  if autorepeat ~= nil then
    repeat_sync(names, on_sync, on_error)
  end
end

function sntp.setoffset(seconds)
  offset = seconds == nil and 0 or argument.integer(seconds, 1, "setoffset")
  counts_leaps = true
  midnight = clock.age() and midnight_after(now() // 1000000 - offset)
end

function sntp.getoffset()
  update_offset()
  return offset
end

return {api = sntp, settings = settings}
