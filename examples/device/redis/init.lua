-- A thermometer that stores its readings in Redis and receives its orders from a channel.
--
-- Run:  tools/run examples/device/redis       while redis-server runs on this machine
-- Try:  redis-cli lrange readings 0 -1
--       redis-cli publish orders "measure"        or "name garage", "large 50000", "stop"

HOST = "127.0.0.1"
REDIS_PORT = 6379

require("redis")

data = redis.connect(HOST, REDIS_PORT)
orders = redis.connect(HOST, REDIS_PORT)

function measure()
  local reading = string.format("%d", adc.read(0))
  data:command(function(length, err)
    print("reading " .. reading .. " is number " .. tostring(length or err))
  end, "RPUSH", "readings", reading)
end

function on_order(channel, order)
  local _, _, verb, rest = string.find(order, "^(%S+) ?(.*)$")
  if verb == "measure" then
    measure()
  elseif verb == "name" then
    data:command(function(answer) print("name set: " .. answer) end, "SET", "name", rest)
    data:command(function(name) print("my name is " .. name) end, "GET", "name")
  elseif verb == "large" then
    local text = string.rep("0123456789", tonumber(rest) / 10)
    data:command(function(answer) print("large value set: " .. answer) end, "SET", "large", text)
    data:command(function(value) print("large value is right: " .. tostring(value == text)) end, "GET", "large")
  elseif verb == "wrong" then
    data:command(function(value, err) print("error: " .. err) end, "LPUSH", "name", "x")
    data:command(function(value) print("missing: " .. tostring(value)) end, "GET", "nothing")
  elseif verb == "stop" then
    tmr.stop(0)
    data:close()
    orders:close()
    print("stopped")
  end
end

orders:subscribe("orders", on_order)
data:command(function(answer) print("redis says " .. answer) end, "PING")
data:publish("thermometers", "hello from " .. node.chipid())
tmr.alarm(0, 10000, 1, measure)
