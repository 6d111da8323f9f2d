#!/bin/sh
# mdns announces a service, answers each kind of question, and says goodbye, to other programs in
# the same network.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
ip addr add 10.9.8.2/24 dev left

# The device does what it is told, once for each number.
cat >"$work/device.lua" <<'END'
local control = net.createUDPSocket()
control:listen(4000)
local last, answer
control:on("receive", function(self, data, port, ip)
  local number, text = data:match "^(%d+) (.*)"
  if number ~= last then
    local _, result = pcall(loadstring(text))
    last, answer = number, number .. " " .. tostring(result)
  end
  self:send(port, ip, answer)
end)
END
# The peer asks, and checks what it hears.
cat >"$work/peer.lua" <<'END'
local netmcu = require "netmcu"
local message = require "netmcu.device.mdns_message"
local types, name = message.types, message.name
local ip, group, port = "10.9.8.1", "224.0.0.251", 5353

local function describe(data)
  local parsed, lines = assert(message.decode(data)), {}
  assert(not parsed.is_query)
  for _, record in ipairs(parsed.records) do
    lines[#lines + 1] = string.format("%d %d%s", record.type, record.ttl, record.is_unique and "!" or "")
  end
  return table.concat(lines, " "), parsed
end

local function wait(fn, what)
  assert(netmcu.wait(fn), what)
end

-- --- sockets: one of multicast DNS, one with its port and an own address, one of another client ---

net.multicastJoin(ip, group)
local heard, got = {}, nil
local hearer = net.createUDPSocket()
hearer:on("receive", function(_, data) heard[#heard + 1] = data end)
hearer:listen(port)
local function open(own_port)
  local socket = net.createUDPSocket()
  socket:on("receive", function(_, data, from_port, from_ip) got = {data, from_port, from_ip} end)
  socket:listen(own_port, "10.9.8.2")
  return socket
end
local other, unicast, control = open(0), open(port), open(0)

local number = 0
local function tell(text)
  got, number = nil, number + 1
  local beginning, answer = number .. " ", nil
  repeat -- until it has started
    control:send(4000, ip, beginning .. text)
    netmcu.wait(function() return got end, 200)
    answer = got and got[1]:sub(1, #beginning) == beginning and got[1]:sub(#beginning + 1)
    got = nil
  until answer
  return answer
end

-- Sends a question, and returns the description of the next multicast and the message.
local function ask(question, data)
  heard = {}
  hearer:send(port, group, data or message.query {question})
  wait(function() return #heard > 0 end, "no answer")
  return describe(heard[1])
end

-- Asks a client's question, and returns what it gets.
local function ask_alone(socket, to, data)
  got = nil
  socket:send(port, to, data)
  wait(function() return got end, "no answer")
  assert(got[2] == port and got[3] == ip)
  return describe(got[1])
end

-- --- the announcement ---

local everything = "12 3600 12 300 33 300! 16 300! 1 300! 47 300! 47 300!"
tell 'mdns.register("FishTank", {hardware = "NodeMCU", depth = 30, port = 8080, service = "tank", description = "Mr. Fish"})'
wait(function() return #heard == 2 end, "announced twice")
assert(describe(heard[1]) == everything and heard[1] == heard[2])

-- --- questions ---

local host, service = name("fishtank", "local"), name("_tank", "_tcp", "local")
local instance = name("mr. fish", "_TANK", "_tcp", "local")
local shown, answer = ask {name = host, type = types.A}
assert(shown == "1 300! 47 300! 47 300!" and answer.id == 0 and #answer.questions == 0)
assert(answer.records[1].data == "\10\9\8\1" and answer.records[1].name == name("FishTank", "local"))
shown, answer = ask {name = service, type = types.PTR}
assert(shown == "12 300 33 300! 16 300! 1 300! 47 300! 47 300!")
assert(answer.records[1].target == name("Mr. Fish", "_tank", "_tcp", "local"))
shown, answer = ask {name = instance, type = types.SRV}
assert(shown == "33 300! 16 300! 1 300! 47 300! 47 300!" and answer.records[1].data:sub(1, 6) == "\0\0\0\0\x1f\x90")
assert(answer.records[1].target == name("FishTank", "local"))
shown, answer = ask {name = instance, type = types.TXT}
assert(answer.records[1].data == "\8depth=30\16hardware=NodeMCU\16platform=nodemcu")
shown, answer = ask {name = name("_services", "_dns-sd", "_udp", "local"), type = types.PTR}
assert(shown == everything and answer.records[1].target == service)
assert(ask {name = instance, type = types.ANY} == "33 300! 16 300! 47 300! 1 300! 47 300!")
shown, answer = ask {name = host, type = 28}
assert(answer.records[1].type == types.NSEC and answer.records[1].data:sub(-3) == "\0\1\64", "there is no AAAA")

-- --- who gets the answer ---

local query = message.query {{name = host, type = types.A}}
heard = {}
for _, to in ipairs {group, ip} do
  shown, answer = ask_alone(other, to, "\18\52" .. query:sub(3))
  assert(shown == "1 10 47 10 47 10" and answer.id == 0x1234 and answer.questions[1].name == host)
end
shown, answer = ask_alone(unicast, group, message.query {{name = host, type = types.A, wants_unicast = true}})
assert(shown == "1 300! 47 300! 47 300!" and answer.id == 0 and #answer.questions == 0)

-- --- what gets no answer: the next message is the answer to the question after it ---

local known = {name = service, type = types.PTR, ttl = 150, data = name("mr. fish", "_tank", "_tcp", "local")}
local function with_known(ttl)
  known.ttl = ttl
  local record = message.response({known}, {}):sub(13)
  return string.pack(">I2I2I2I2I2I2", 0, 0, 1, 1, 0, 0) .. message.query({{name = service, type = types.PTR}}):sub(13) .. record
end
for _, data in ipairs {
  "", "x", query:sub(1, -2), message.response({}, {}, 0, {{name = host, type = types.A}}), -- no query
  "\0\0\x28\0" .. query:sub(5), -- another operation
  query:sub(1, -2) .. "\3", -- another class
  message.query {{name = name("other", "local"), type = types.A}}, message.query {},
  with_known(150),
} do
  if data ~= "" then
    hearer:send(port, group, data)
  end
end
assert(ask {name = instance, type = types.TXT} == "16 300! 1 300! 47 300! 47 300!" and #heard == 1)
assert(ask(nil, with_known(149)):find "^12 300")

-- --- the end ---

local function goodbye(text)
  heard = {}
  tell(text)
  wait(function()
    for _, data in ipairs(heard) do
      if describe(data) == "12 0 12 0 33 0! 16 0! 1 0! 47 0! 47 0!" then
        return true
      end
    end
  end, "no goodbye")
end

-- An announcement that is repeated cannot be mistaken for the answer to another client.
local function ask_as_other(question)
  return ask_alone(other, ip, message.query {question})
end
goodbye "mdns.close()"
assert(tell "return mdns.close()" == "nil" and #heard == 1, "a second close says nothing")
tell 'mdns.register "One"'
goodbye 'mdns.register("Two.Three")'
shown, answer = ask_as_other {name = name("Two.Three", "_http", "_tcp", "local"), type = types.SRV}
assert(answer.records[1].target == name("Two", "Three", "local"))
assert(answer.records[1].data:sub(5, 6) == "\0\80" and answer.records[2].data == "\16platform=nodemcu")
goodbye "node.restart()"
repeat until tell "return wifi.sta.getip()" ~= "nil"

-- --- arguments ---

local long = '("x"):rep(64)'
for call, problem in pairs {
  ["register()"] = "bad argument #1 to 'register' (string expected, got no value)",
  ["register('')"] = "bad argument #1 to 'register' (a name is empty or too long)",
  ["register(('a.'):rep(1e6))"] = "bad argument #1 to 'register' (a name is empty or too long)",
  ["register('a..b')"] = "bad argument #1 to 'register' (a name is empty or too long)",
  ["register('a', 1)"] = "bad argument #2 to 'register' (table expected, got number)",
  ["register('a', {'x'})"] = "bad argument #2 to 'register' (string keys expected)",
  ["register('a', {x = {}})"] = "bad argument #2 to 'register' (string expected, got table)",
  ["register('a', {port = 'x'})"] = "bad argument #2 to 'register' (number expected, got string)",
  ["register('a', {description = " .. long .. "})"] = "bad argument #2 to 'register' (a name is empty or too long)",
  ["register('a', {service = " .. long .. "})"] = "bad argument #2 to 'register' (a name is empty or too long)",
  ["register('a', {x = (" .. long .. "):rep(4)})"] = "bad argument #2 to 'register' (an attribute is too long)",
} do
  local got_problem = tell("mdns." .. call)
  assert(got_problem:find(problem, 1, true), got_problem)
end
assert(tell "wifi.setmode(wifi.NULLMODE) mdns.register 'a'" :find "No network connection")
tell "wifi.setmode(wifi.SOFTAP)"
tell 'local many = {platform = "own"} for i = 1, 11 do many["k" .. i] = i end mdns.register("many", many)'
shown, answer = ask_as_other {name = name("many", "_http", "_tcp", "local"), type = types.TXT}
assert(answer.records[1].data == "\4k1=1\6k10=10\6k11=11\4k2=2\4k3=3\4k4=4\4k5=5\4k6=6\4k7=7\4k8=8\4k9=9\12platform=own")
os.exit(0)
END
start device "$NETMCU" "$work/device.lua"
device=$process
"$NETMCU" --timeout $patience "$work/peer.lua" >"$work/peer.log" 2>&1 || fail "the peer"
same "the warning" 'netmcu: [string "local many = {platform = "own"} for i = 1, 11..."]:1: 12 attributes: the device takes 10' \
  "$(cat "$work/device.log")"
stop "$device"
