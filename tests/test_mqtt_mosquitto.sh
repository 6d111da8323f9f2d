#!/bin/sh
# The module mqtt with mosquitto: a session that the broker keeps while the client is away, and
# messages of each QoS and size, retained or not.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need mosquitto mosquitto_pub

cat >"$work/script.lua" <<'SCRIPT'
local port, mode = ...
local client = mqtt.Client("keeper", 60, nil, nil, 0, 5000)
local expected = mode == "subscribe" and 0 or 5
client:on("message", function(_, topic, data)
  print("message " .. topic .. " " .. (data and #data or "empty"))
  expected = expected - 1
  if expected == 0 then client:close() end
end)
client:on("overflow", function(_, topic, data)
  print("overflow " .. topic .. " " .. #data)
  expected = expected - 1
  if expected == 0 then client:close() end
end)
client:on("offline", function() print("offline") end)
client:connect("localhost", port, function(self)
  if mode == "subscribe" then
    self:subscribe({["keep/#"] = 2}, function() self:close() end)
  else
    self:publish("keep/own", ("o"):rep(1000), 2, 1)
    self:publish("keep/empty", "", 1, 0)
  end
end, function(_, reason) print("reason " .. reason) end)
SCRIPT

run() {
  "$NETMCU" --no-warnings --timeout "$patience" "$work/script.lua" "$port" "$1"
}

publish() {
  mosquitto_pub -h 127.0.0.1 -p "$port" "$@"
}

port=$(free_port)
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" >"$work/mosquitto.conf"
start broker mosquitto -c "$work/mosquitto.conf"
wait_for broker running
same 'the first run' offline "$(run subscribe)"
publish -t keep/one -q 1 -m one
publish -t keep/two -q 2 -m two!
head -c 20000 /dev/zero | publish -t keep/long -q 1 -s
same 'the second run' 'message keep/empty empty
message keep/one 3
message keep/own 1000
message keep/two 4
offline
overflow keep/long 4983' "$(run receive | sort)"

# The example of the device's documentation, word for word. Its close() comes before the connection.
start example "$NETMCU" --resolve "192.168.11.118:1883=127.0.0.1:$port" "$NETMCU_SOURCE/tests/documented/15_mqtt_client.lua"
wait_for example hello
same 'the example' 'connected subscribe success ' "$(head -n 2 "$work/example.log" | tr '\n' ' ')"
publish -t /topic -m "$(printf '%1100d' 1)"
wait_for example 'partial overflowed message'
stop "$process"
