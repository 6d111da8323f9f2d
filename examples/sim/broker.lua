-- As much of an MQTT broker as the sensors need: it counts the messages of each topic.

received = {} -- by number of the sensor

-- Answers one packet of a client.
local handlers = {
  [1] = function(sk) sk:send("\32\2\0\0") end, -- CONNECT
  [3] = function(_, body)                      -- PUBLISH, QoS 0
    local size = body:byte(1) * 256 + body:byte(2)
    local id = body:sub(3, 2 + size):match("^sensor/(.*)$")
    received[id] = (received[id] or 0) + 1
  end,
  [12] = function(sk) sk:send("\208\0") end,   -- PINGREQ
  [14] = function(sk) sk:close() end,          -- DISCONNECT
}

net.createServer(net.TCP, 300):listen(1883, function(sk)
  local rest = ""
  sk:on("receive", function(c, data)
    data = rest .. data
    local at = 1
    while #data >= at + 1 and #data >= at + 1 + data:byte(at + 1) do -- all packets are short
      local handle = handlers[data:byte(at) >> 4]
      local body = data:sub(at + 2, at + 1 + data:byte(at + 1))
      at = at + 2 + #body
      if handle then
        handle(c, body)
      end
    end
    rest = data:sub(at)
  end)
end)
