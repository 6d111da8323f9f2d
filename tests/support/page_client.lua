-- A client of the WebSocket of --page, in front of a test's script (tests/support/page.sh).
local port, key = ...
local socket = websocket.createClient()
local waiting, id, main = {}, 0, nil

-- Called in a coroutine; returns the answer, and the bytes behind it.
function ask(question, bytes)
  id = id + 1
  question.id = id
  socket:send(sjson.encode(question) .. (bytes and "\n" .. bytes or ""), 2)
  local message = coroutine.yield()
  local head, rest = message:match "^([^\n]*)\n?(.*)$"
  local answer = sjson.decode(head)
  assert(answer.id == id, "an answer to another question")
  return answer, rest
end

local function resume(...)
  local done, message = coroutine.resume(main, ...)
  if not done then
    error(debug.traceback(main, message), 0)
  elseif coroutine.status(main) == "dead" then
    socket:close()
  end
end

function run(script)
  main = coroutine.create(script)
  socket:config {headers = {Origin = "http://127.0.0.1:" .. port}}
  socket:on("connection", function() resume() end)
  socket:on("receive", function(_, message) resume(message) end)
  socket:on("close", function()
    assert(coroutine.status(main) == "dead", "the page has closed the connection before the end of the test")
  end)
  socket:connect("ws://127.0.0.1:" .. port .. "/socket?key=" .. key)
end
