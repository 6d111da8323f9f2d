-- Each event calls its own current handler, in whatever order the handlers of all events were set,
-- replaced and removed.

local expect = require "expect"

local EVENTS = {"dns", "connection", "sent", "receive", "disconnection", "reconnection"}

-- Connects to a server that sends an answer and closes. Returns the names of the events in the
-- order of the calls of their handlers, each followed by the mark of the handler.
local function run(prepare)
  local server, log = net.createServer(), {}
  server:listen(0, "127.0.0.1", function(client)
    client:on("receive", function()
      client:send "answer"
      client:close()
      server:close()
    end)
  end)
  local sk = net.createConnection()
  local function handler(name, mark)
    return function() log[#log + 1] = name .. mark end
  end
  prepare(sk, handler)
  local port, ip = server:getaddr()
  sk:connect(port, ip)
  sk:send "question"
  expect.finish()
  return table.concat(log, " ")
end

local function all_but(missing)
  local present = {}
  for _, name in ipairs {"dns1", "connection1", "sent1", "receive1", "disconnection1"} do
    if name ~= missing .. "1" then present[#present + 1] = name end
  end
  return table.concat(present, " ")
end

local function check(expected, prepare)
  local log = run(prepare)
  assert(log == expected, log .. " instead of " .. expected)
end

-- each event alone; then all events but one, whose handler was set and removed, in either order
for first = 1, #EVENTS do
  local name = EVENTS[first]
  check(name == "reconnection" and "" or name .. "1", function(sk, handler)
    sk:on(name, handler(name, 0))
    sk:on(name, handler(name, 1))
  end)
  check(all_but(name), function(sk, handler)
    for i = 0, #EVENTS - 1 do
      local other = EVENTS[(first + i - 1) % #EVENTS + 1]
      sk:on(other, handler(other, 1))
    end
    sk:on(name, nil)
  end)
  check(all_but(name), function(sk, handler)
    for i = #EVENTS, 1, -1 do
      local other = EVENTS[(first + i - 1) % #EVENTS + 1]
      sk:on(other, handler(other, 0))
      sk:on(name, nil)
      sk:on(other, handler(other, 1))
    end
    sk:on(name, nil)
  end)
end

-- all handlers removed, and one of them set again
check("connection2", function(sk, handler)
  for _, name in ipairs(EVENTS) do sk:on(name, handler(name, 1)) end
  for _, name in ipairs(EVENTS) do sk:on(name, nil) end
  sk:on("connection", handler("connection", 2))
end)
