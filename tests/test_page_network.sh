#!/bin/sh
# --page: how a connection has ended. The device has one error for a refused and for a reset
# connection; the page tells them apart, and forgets the error once the socket connects again.
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/page.sh"
cd "$work" || exit 1
cat >script.lua <<'EOF'
local function listen()
  local server = net.createServer()
  server:listen(0, function(client) client:on("receive", function(c, data) c:send(data) end) end)
  return (server:getaddr())
end
local open, resetting, refusing = listen(), listen(), 1

local again = net.createConnection()
again:on("disconnection", function() again:connect(open, "127.0.0.1") end)
again:connect(refusing, "127.0.0.1")

local refused = net.createConnection()
refused:on("disconnection", function(_, code) print("refused", code) end)
refused:connect(refusing, "127.0.0.1")
refused:send "waits for the connection"

again:on("connection", function()
  netmcu.fault {kind = "reset", after = 3}
  local cut = net.createConnection()
  cut:on("connection", function() cut:send "hello" end)
  cut:on("disconnection", function(_, code) print("reset", code) end)
  cut:connect(open, "127.0.0.1")
  netmcu.fault {kind = "reset", port = resetting, after = 0}
  local handshake = tls.createConnection()
  handshake:on("reconnection", function() print "handshake reset" end)
  handshake:connect(resetting, "127.0.0.1")
end)
EOF
start_page -e 'netmcu = require "netmcu"' script.lua
wait_for page "refused	-9"
wait_for page "reset	-9"
wait_for page "handshake reset"
ask '
  local function ends()
    local texts = {}
    for _, object in ipairs(ask({ask = "update", console = 0, network = 0}).network) do
      if object.kind == "socket" then texts[#texts + 1] = object.state .. " " .. object.error end
    end
    return table.concat(texts, "; ")
  end
  local expected = "open ; failed connection refused; failed connection reset; failed connection reset"
  local now = ends()
  while now:find "connecting" do now = ends() end
  assert(now == expected, now)
'
