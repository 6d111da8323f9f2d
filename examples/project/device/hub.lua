-- hub.tell(on) requests /lamp?on=1 or /lamp?on=0 from the hub. If the hub does not answer, it tries
-- again later, with the latest state.
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
