#!/bin/sh
# --page: a script with a lot of output and many connections. The page gets windows of bounded size,
# and what was dropped is counted.
. "$NETMCU_SOURCE/tests/support/page.sh"
mkdir "$work/flash"
cd "$work/flash" || exit 1
cat >script.lua <<'END'
for i = 1, 100000 do
  print("line", i)
end
local server, ended = net.createServer(), 0
server:listen(0, function(client)
  client:on("receive", function(_, data) client:send(data) end)
  client:on("disconnection", function()
    ended = ended + 1
    if ended == 300 then
      print "crowd done"
    end
  end)
end)
local port = server:getaddr()
local left = 300
local function connect()
  local socket = net.createConnection()
  socket:on("connection", function() socket:send(("x"):rep(1000)) end)
  socket:on("receive", function() socket:close() end)
  socket:on("disconnection", function() end)
  socket:connect(port, "127.0.0.1")
  left = left - 1
  if left > 0 then
    tmr.create():alarm(1, tmr.ALARM_SINGLE, connect)
  end
end
connect()
-- one connection with more data than the page keeps
local sent, pieces = 0, 0
local bulk = net.createConnection()
bulk:on("connection", function() bulk:send(("first "):rep(200)) end)
bulk:on("receive", function(_, data)
  pieces = pieces + 1
  if pieces < 200 then
    bulk:send(("%04d "):format(pieces):rep(240))
  elseif pieces == 200 then
    print "bulk done"
  end
end)
bulk:connect(port, "127.0.0.1")
END
start_page --no-warnings script.lua
wait_for page "crowd done"
wait_for page "bulk done"
ask '
  local update, output = ask {ask = "update", console = 0, network = 0}
  assert(#output == 65536 and update.console_to - update.console_from == #output, #output)
  assert(output:find "line\t100000\n" and not output:find "line\t50000\n")
  assert(update.console_to > 1088895, update.console_to)

  -- an earlier window, and one that is gone
  local answer, earlier = ask {ask = "console", from = update.console_from - 65536, to = update.console_from}
  assert(#earlier == 65536 and answer.console_from == update.console_from - 65536, answer.console_from)
  answer, earlier = ask {ask = "console", from = 0, to = 100000}
  assert(answer.console_from == update.console_to - 1048576 and #earlier == 65536 or #earlier < 65536)

  -- a client that reads may get more than the 8 MiB that may wait for one that does not read
  for _ = 1, 150 do
    ask {ask = "console", from = update.console_from, to = update.console_to}
  end

  -- objects: 500 are kept, the open ones among them
  assert(#update.network == 500 and #update.network_keys == 500, #update.network)
  assert(update.network_dropped == 603 - 500, update.network_dropped)
  local bulk
  for _, object in ipairs(update.network) do
    assert(object.ended or object.kind ~= "client" or object.sent > 100000)
    bulk = object.kind == "socket" and object.sent > 100000 and object or bulk
  end
  local listed, data = ask {ask = "pieces", key = bulk.key}
  local sizes, kept, gaps = 0, 0, 0
  for _, piece in ipairs(listed.pieces) do
    sizes, kept = sizes + piece.size, kept + (piece.kept or 0)
    gaps = gaps + (piece.direction == " " and 1 or 0)
  end
  assert(sizes == bulk.sent + bulk.received, "pieces are missing")
  assert(kept == #data and kept <= 32768 and kept > 20000 and gaps == 1, kept)
  assert(data:sub(1, 6) == "first " and data:find "0199 $", "the beginning and the end are kept")

  -- nothing new
  update, output = ask {ask = "update", console = update.console_to, network = update.network_version}
  assert(output == "" and #update.network == 0 and not update.network_keys)
'
# wrong questions, and messages that are none
ask '
  for _, question in ipairs {{ask = "nothing"}, {ask = "pin", pin = 99, level = 1}, {ask = "pin", pin = 1}, {ask = "read"},
    {ask = "adc", value = "x"}, {ask = "pieces", key = 1}, {ask = "update"}, {ask = 7}, {ask = "write", name = "../x"}} do
    assert(type((ask(question, "x")).error) == "string", question.ask)
  end
  assert((ask {ask = "update", console = -1e9 // 1, network = 0}).state == "running")
'
[ ! -e ../x ] || fail "a file outside of the flash"
cat >wrong.lua <<'END'
local port, key = ...
for _, text in ipairs {"", "x", "{}", "[1]", '{"id":1.5}', '{"id":"x"}', "7", "\n\n"} do
  local socket = websocket.createClient()
  socket:config {headers = {Origin = "http://127.0.0.1:" .. port}}
  socket:on("connection", function() socket:send(text) end)
  socket:on("close", function() print "closed" end)
  socket:connect("ws://127.0.0.1:" .. port .. "/socket?key=" .. key)
end
END
same "closed after wrong messages" 8 "$("$NETMCU" --timeout $patience wrong.lua "$port" "$key" | grep -c closed)"
