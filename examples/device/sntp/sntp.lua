-- Sets the clock by SNTP (RFC 4330), for firmware that was built without the sntp module. It asks
-- one server after the other until one answers, and repeats this regularly.
--
-- Run:  tools/run examples/device/sntp/sntp.lua

local servers = {"0.pool.ntp.org", "1.pool.ntp.org"}
local port = 123
local timeout = 3000 -- ms
local again = 600    -- s

local EPOCH = 2208988800 -- 1970 on NTP's clock, which starts in 1900

local socket = net.createUDPSocket()
local timer = tmr.create()
local asked_at, current

local ask

local function next_server()
  current = current % #servers + 1
  if current == 1 then
    print("no server answers")
    return timer:alarm(again * 1000, tmr.ALARM_SINGLE, ask)
  end
  ask()
end

function ask()
  current = current or 1
  local name = servers[current]
  net.dns.resolve(name, function(_, ip)
    if not ip then
      print(name .. " is not found")
      return next_server()
    end
    print("asking " .. name .. " (" .. ip .. ")")
    -- Version 4, client. The server copies the transmit timestamp into the originate timestamp.
    asked_at = struct.pack(">LL", rtctime.get() % 0x7fffffff, tmr.now())
    socket:send(port, ip, string.char(0x23) .. string.rep("\0", 39) .. asked_at)
    timer:alarm(timeout, tmr.ALARM_SINGLE, function()
      print(name .. " does not answer")
      next_server()
    end)
  end)
end

socket:on("receive", function(_, data, from_port, from_ip)
  if #data < 48 or from_port ~= port or data:sub(25, 32) ~= asked_at then
    return print("something else from " .. from_ip)
  end
  asked_at = nil
  local stratum = data:byte(2)
  if stratum == 0 then
    return print("kiss of death: " .. data:sub(13, 16))
  end
  local seconds, fraction = struct.unpack(">LL", data, 41)
  rtctime.set(seconds - EPOCH, fraction / 4294.967296)
  local t = rtctime.epoch2cal(rtctime.get())
  print(string.format("stratum %d: %04d/%02d/%02d %02d:%02d:%02d", stratum, t.year, t.mon, t.day, t.hour, t.min, t.sec))
  timer:alarm(again * 1000, tmr.ALARM_SINGLE, ask)
end)

rtctime.set(0)
ask()
