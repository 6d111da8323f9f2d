-- A chat room: it sends every message from a browser to all browsers, including the sender.
--
-- Run:  tools/run examples/device/websocket
-- Try:  http://127.0.0.1:8081/ in two windows

local PORT = 8081

local websocket = require("websocket")
local clients = {}
local count = 0

local function on_request(path)
  if path == "/" then
    return "200 OK", "text/html", file.getcontents("chat.html")
  end
  return "404 Not Found", "text/plain", "no such page\n"
end

local function tell_all(message, opcode)
  for ws in pairs(clients) do
    ws.send(message, opcode)
  end
end

local function on_socket(ws)
  clients[ws] = true
  count = count + 1
  print("client " .. count .. ", heap " .. node.heap())

  function ws.onmessage(message, opcode)
    print("message of " .. #message .. " bytes: " .. message:sub(1, 40))
    if message == "bye" then
      clients[ws] = nil
      ws.close()
    else
      tell_all(message, opcode)
    end
  end

  function ws.onclose()
    if clients[ws] then
      clients[ws] = nil
      print("a client left")
    end
  end
end

websocket.listen(PORT, on_request, on_socket)
print("WebSocket server on port " .. PORT)
