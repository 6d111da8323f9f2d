-- A broker that counts the reports. All packets of the sensors are short.

reports = 0

local handlers = {
  [1] = function(client) client:send("\32\2\0\0") end, -- CONNECT
  [3] = function(_, packet)                            -- PUBLISH with QoS 0
    local topic, payload = string.unpack(">s2", packet), nil
    payload = packet:sub(3 + #topic)
    if topic:find("sensor/", 1, true) == 1 and payload == "temperature 21.5 C" then
      reports = reports + 1
    end
  end,
  [12] = function(client) client:send("\208\0") end, -- PINGREQ
}

net.createServer(net.TCP, 300):listen(1883, function(client)
  local rest = ""
  client:on("receive", function(_, data)
    data = rest .. data
    local at = 1
    while #data > at and #data > at + data:byte(at + 1) do
      local size = data:byte(at + 1)
      handlers[data:byte(at) >> 4](client, data:sub(at + 2, at + 1 + size))
      at = at + 2 + size
    end
    rest = data:sub(at)
  end)
end)
