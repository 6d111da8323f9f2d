-- Fetches the weather regularly and shows it, like scripts written before the http module: it uses
-- one global connection, created again each time, and takes the answer apart with string.find.
--
-- Run:  tools/run examples/device/http_client
-- Try:  a file  weather.json  of  {"main":{"temp":21.5},"name":"Here"}  and beside it
--       python3 -m http.server 8000

WEATHER_HOST = "127.0.0.1"
WEATHER_PORT = 8000
PERIOD = 60000

temperature = "?"

function show()
  print(string.format("%s: %s C  (heap %d)", place or "nowhere", temperature, node.heap()))
end

function getWeather()
  local answer = ""
  conn = net.createConnection(net.TCP, 0)
  conn:on("receive", function(conn, payload)
    answer = answer .. payload
  end)
  conn:on("disconnection", function(conn, code)
    conn = nil
    local first, last = string.find(answer, "\"temp\" *: *[-%d.]+")
    if first ~= nil then
      _, _, temperature = string.find(string.sub(answer, first, last), ": *([-%d.]+)")
      _, _, place = string.find(answer, "\"name\" *: *\"([^\"]*)\"")
      show()
    else
      print("no weather, code " .. code)
    end
    answer = nil
    collectgarbage()
  end)
  conn:on("connection", function(conn, payload)
    conn:send("GET /weather.json"
      .. " HTTP/1.1\r\n"
      .. "Host: " .. WEATHER_HOST .. "\r\n"
      .. "Connection: close\r\n"
      .. "Accept: *\/*\r\n"
      .. "User-Agent: Mozilla/4.0 (compatible; esp8266 Lua;)"
      .. "\r\n\r\n")
  end)
  conn:dns(WEATHER_HOST, function(conn, ip)
    if ip == nil then
      print("who is " .. WEATHER_HOST .. "?")
    else
      conn:connect(WEATHER_PORT, ip)
    end
  end)
end

tmr.alarm(0, 1000, 1, function()
  if wifi.sta.getip() == nil then
    print("connecting to AP...")
  else
    print("ip: ", wifi.sta.getip())
    tmr.stop(0)
    getWeather()
    tmr.alarm(1, PERIOD, 1, getWeather)
  end
end)
