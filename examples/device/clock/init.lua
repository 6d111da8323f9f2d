-- Is a clock: sets itself by SNTP, keeps itself right, and shows the time every minute. At
-- the full hour it strikes. The times are UTC.
--
-- Run:  tools/run examples/device/clock

local servers = {"0.pool.ntp.org", "1.pool.ntp.org"}

local function show(text)
  local t = rtctime.epoch2cal(rtctime.get())
  print(string.format("%04d-%02d-%02d %02d:%02d:%02d  %s", t.year, t.mon, t.day, t.hour, t.min, t.sec, text))
end

cron.schedule("* * * * *", function()
  show("tick")
end)

cron.schedule("0 * * * *", function()
  show("ding dong")
end)

-- The last argument repeats this every 1000 seconds. A repetition corrects the clock, too.
local function set_clock()
  sntp.sync(servers, function(_, _, server, info)
    show("set by " .. server .. ", stratum " .. info.stratum)
  end, function(code, name)
    print("cannot set the clock: " .. (code == 1 and name .. " is not found" or "no server answers"))
  end, 1)
end

wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, set_clock)
wifi.setmode(wifi.STATION)
wifi.sta.config({ssid = "home", pwd = "password"})
