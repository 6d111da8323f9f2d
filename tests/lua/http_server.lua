-- An HTTP server of a test, on a free port of 127.0.0.1.
--
--   local server = require "http_server"(function(request, c) … end)
--   server.port, server:close()
--
-- The function is called with each request, as soon as its head and body are there, and with the
-- connection. If it returns text, the server sends the text and closes.

local net = require "net"

local function read(c, answer)
  local got, done = "", false
  c:on("receive", function(_, data)
    got = got .. data
    local head, body = got:match "^(.-\r\n)\r\n(.*)$"
    if done or not head or #body < tonumber(head:match "\r\nContent%-Length: (%d+)\r\n" or 0) then
      return
    end
    done = true
    local text = answer(got, c)
    if text then
      c:send(text, function() c:close() end)
    end
  end)
end

return function(answer)
  local server = {}
  local listener = net.createServer()
  listener:listen(0, "127.0.0.1", function(c) read(c, answer) end)
  server.port = listener:getaddr()

  function server:close()
    listener:close()
  end

  return server
end
