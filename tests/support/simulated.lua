-- Whatever depends on time, on chance or on addresses.
local t = {}
for i = 1, 5 do t[{}] = i; t["k" .. i] = i; t[i * 1.5] = i; t[i] = i end
t[true], t[false], t[print], t[function() end], t[net.createConnection()] = 1, 0, "p", "f", "n"
for k, v in pairs(t) do print(k, v) end
for k in pairs(t) do t[k] = nil end -- a traversal may remove what it has reached
print(next(t), next({}), #t)
print(io.stdout, io.stderr, file.open(string.match(arg[0], "[^/]*$")), string.format("%s %p %5.1f%% %p %s", {}, {}, 1, "", io.stdout))
for size = 100, 2000, 100 do string.rep("-", size) end -- long texts take other ways in Lua's library
print({}, string.format("%q %s", "p", 1), pcall(string.format, "%p"), pcall(string.format, {}))
print(os.time(), os.date(), os.clock(), math.random(), node.random(1000000), rtctime.get())
math.randomseed()
print(math.random(1000000))
local x, sums = 0, {0, 0, 0} -- some of these results differ if a processor rounds twice
for i = 1, 100000 do
  x = (x * 1103515245 + 12345) % 4294967296
  local a, b = x / 65537 + 1e-9 * i, (x * 3 % 1000003 + 1) / 1000
  sums[1], sums[2], sums[3] = sums[1] + a * b, sums[2] + a / b - a // b, sums[3] + math.sqrt(a)
end
print(string.format("%a %a %a", table.unpack(sums)), string.format("%.12g %.12g", 1.1 ^ 300.5, math.exp(7.7)))
local srv = net.createServer(28800)
srv:listen(80, function(sk)
  sk:on("receive", function(_, data) print("server", data, tmr.now()) end)
  sk:on("disconnection", function(_, e) print("gone", e, tmr.now()) end)
end)
local sk = net.createConnection()
sk:connect(80, "device")
sk:on("dns", function(_, ip) print("dns", ip) end)
sk:on("connection", function(c) print("peer", c:getpeer()) c:send "hello" end)
sk:on("sent", function() print("sent", tmr.now()) end)
net.ping("10.0.0.1", 1, function(n, ip, seq, ms) print("ping", n, ip, seq, ms) end)
tmr.create():alarm(3600000, tmr.ALARM_SINGLE, function()
  local before = tmr.now()
  tmr.delay(5000)
  print("an hour later", os.date("%H:%M"), tmr.now() - before)
  sk:close()
end)
