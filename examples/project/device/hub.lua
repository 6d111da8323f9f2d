-- hub.tell(on): GET /lamp?on=1 from the hub. When it does not answer the newest state is told again later.
hub = {}

local pending

local function try()
  local told = pending
  local sk = net.createConnection(net.TCP, 0)
  local answer = ""
  sk:on("connection", function(s)
    s:send("GET /lamp?on=" .. (told and 1 or 0) .. " HTTP/1.0\r\nHost: " .. HUB .. "\r\n\r\n")
  end)
  sk:on("receive", function(s, data) answer = answer .. data end)
  sk:on("disconnection", function()
    if answer:match("^HTTP/1%.%d 200") then
      if pending == told then
        pending = nil
      else
        try()
      end
    else
      tmr.create():alarm(RETRY, tmr.ALARM_SINGLE, try)
    end
  end)
  sk:connect(80, HUB)
end

function hub.tell(on)
  local busy = pending ~= nil
  pending = on
  if not busy then
    try()
  end
end
