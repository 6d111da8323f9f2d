-- Switches the lamp every half hour. If the lamp does not confirm, the hub tries again.

local PERIOD, PATIENCE = 30 * 60000, 20000 -- ms
wanted, changes, confirmed = false, 0, 0

local current -- the socket of the latest attempt

local function try()
  local sk, answered = net.createConnection(net.TCP, 0), false
  current = sk
  local patience = tmr.create()
  local function again()
    patience:unregister()
    if sk == current and not answered then
      print "no answer from the lamp, once more"
      try()
    end
  end
  sk:on("connection", function(c) c:send(wanted and "on\n" or "off\n") end)
  sk:on("receive", function(_, line)
    if sk == current and not answered then
      answered = true
      confirmed = confirmed + 1
      print("the lamp confirms " .. line:sub(1, -2))
    end
  end)
  sk:on("disconnection", function()
    patience:alarm(1000, tmr.ALARM_SINGLE, again)
  end)
  patience:alarm(PATIENCE, tmr.ALARM_SINGLE, function()
    if not pcall(sk.close, sk) then
      again()
    end
  end)
  sk:connect(7000, "lamp")
end

tmr.create():alarm(PERIOD, tmr.ALARM_AUTO, function()
  wanted = not wanted
  changes = changes + 1
  try()
end)
