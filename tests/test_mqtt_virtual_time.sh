#!/bin/sh
# The times of mqtt, in full, on the simulated network: pings by keepalive, and the limits for an
# answer of the broker.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/script.lua" <<'SCRIPT'
local function at(text)
  print(text .. " " .. tmr.time())
end

-- A broker that answers two pings, and no messages.
local server, pings = net.createServer(net.TCP, 28800), 0
server:listen(1883, function(sk)
  sk:on("receive", function(_, data)
    local kind = data:byte() >> 4
    if kind == 1 then
      sk:send(string.char(32, 2, 0, 0))
    elseif kind == 12 then
      pings = pings + 1
      at "ping"
      if pings < 3 then sk:send(string.char(0xd0, 0)) end
    else
      at(data:sub(-5))
    end
  end)
end)
local client = mqtt.Client("x", 60)
client:on("offline", function()
  at "offline"
  server:close()
end)
client:connect("127.0.0.1", 1883, false, function()
  client:publish("t", "first", 1, 0)
  client:publish("t", "other", 1, 0)
end, function(_, reason) at("reason " .. reason) end)

-- A server that says nothing.
local silent = net.createServer(net.TCP, 28800)
silent:listen(1884, function(sk) sk:on("receive", function() end) end)
local second = mqtt.Client()
second:on("offline", function() silent:close() end)
second:connect("127.0.0.1", 1884, false, nil, function(_, reason) at("reason " .. reason) end)
SCRIPT
same 'the times' 'first 0
reason -2 6
other 6
ping 66
ping 126
ping 186
reason -5 246
offline 246' "$("$NETMCU" --sim "$work/script.lua")"
