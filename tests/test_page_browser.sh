#!/bin/sh
# --page in a real browser: every control does what it says, and other pages get nothing.
. "$NETMCU_SOURCE/tests/support/page.sh"
need python3
mkdir "$work/flash"
cat >"$work/flash/init.lua" <<'END'
local lamp = 0
gpio.mode(1, gpio.OUTPUT)
gpio.mode(3, gpio.INT, gpio.PULLUP)
gpio.trig(3, "down", function()
  lamp = 1 - lamp
  gpio.write(1, lamp)
  print("lamp " .. lamp)
end)
local server = net.createServer()
server:listen(0, function(client)
  client:on("receive", function() client:send(("0123456789"):rep(300)) end)
end)
function visit()
  local socket = net.createConnection()
  socket:on("connection", function() socket:send "hello" end)
  socket:on("receive", function(_, data)
    if #data < 1460 then
      socket:close()
    end
  end)
  socket:connect((server:getaddr()), "127.0.0.1")
  net.createConnection():connect(1, "127.0.0.1")
  require "netmcu".fault {kind = "dns", peer = "gone.example"}
  net.createConnection():connect(80, "gone.example")
end
function part()
  return require "netmcu.parts.init".list()[1]
end
rotary.setup(0, 5, 6, 7)
i2c.setup(0, 11, 12, i2c.SLOW)
rotary.on(0, rotary.PRESS | rotary.TURN, function(event, position) print('rotary', event, position) end)
print 'booted'
END
start_page --part bme280,temp=10 "$work/flash"
python3 "$NETMCU_SOURCE/tests/support/page_tour.py" "$address" "$work/flash"
status=$?
[ $status -ne 77 ] || skip "there is no browser"
[ $status -eq 0 ] || fail "the tour"
