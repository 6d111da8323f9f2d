-- Takes part in a chat room, with the module websocket: prints what the others say, sends the lines
-- that arrive on the serial line, and says hello whenever it gets in.
--
-- Run:  tools/run examples/device/websocket         in one terminal, the chat room
--       tools/run examples/device/websocket_chat    in another one
-- Try:  type a line; "bye" ends the program

local URL = "ws://127.0.0.1:8081/"
local RETRY = 5000 -- ms

local ws = websocket.createClient()
local retry = tmr.create()
local is_open, is_leaving = false, false

ws:config({headers = {["User-Agent"] = "netmcu chat"}})

ws:on("connection", function()
  is_open = true
  print("in the room")
  ws:send("hello from " .. node.chipid())
end)

ws:on("receive", function(_, message, opcode)
  if opcode == 1 then
    print("> " .. message)
  else
    print("> " .. #message .. " bytes")
  end
end)

ws:on("close", function(_, status)
  is_open = false
  print("out of the room, status " .. status)
  if not is_leaving then
    retry:alarm(RETRY, tmr.ALARM_SINGLE, function() ws:connect(URL) end)
  end
end)

uart.on("data", "\n", function(line)
  line = line:gsub("%s+$", "")
  if line == "bye" then
    is_leaving = true
    uart.on("data")
    retry:unregister()
    ws:close()
  elseif is_open then
    ws:send(line)
  else
    print("nobody is listening")
  end
end, 0)

ws:connect(URL)
