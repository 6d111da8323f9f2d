-- Pings a host and prints each round trip and the statistics.
--
-- Try it:  with the arguments  127.0.0.1 4        (the host and the number of requests)

local host, count = ...
host = host or "www.nodemcu.com"
count = tonumber(count) or 4

local times = {}

local function reply(bytes, ip, sequence, ms)
  if not ip then
    print(host .. " is not known")
  elseif bytes == 0 then
    print("no answer from " .. ip)
  else
    times[#times + 1] = ms
    print(("%d bytes from %s, icmp_seq=%d time=%dms"):format(bytes, ip, sequence, ms))
  end
end

local function round_trips()
  local least, most, sum = times[1], times[1], 0
  for _, ms in ipairs(times) do
    least, most, sum = math.min(least, ms), math.max(most, ms), sum + ms
  end
  return ("round trip min/avg/max = %d/%.1f/%d ms"):format(least, sum / #times, most)
end

local function summary(ip, total, lost, _, ms)
  print(("--- %s ping statistics ---"):format(ip))
  print(("%d packets transmitted, %d received, %d%% packet loss, time %dms"):format(total, total - lost, lost / total * 100, ms))
  if #times > 0 then
    print(round_trips())
  end
end

net.ping(host, count, reply, summary)
