-- A web server: a page, a status in plain text, and "not found" for everything else.
--
-- An answer is sent in pieces, each of them when the previous one is out ("sent"). It may therefore
-- be larger than what the network takes at once.
--
-- Try it:  curl http://127.0.0.1:8080/            (the first argument is another port)
--          curl http://127.0.0.1:8080/status
--          or open the address that it prints in a browser

local port = tonumber((...)) or 8080
local LONGEST_REQUEST = 4096
local visits = 0

local function header(status, kind)
  return ("HTTP/1.1 %s\r\nContent-Type: %s; charset=utf-8\r\nConnection: close\r\n\r\n"):format(status, kind)
end

local function front_page(peer)
  visits = visits + 1
  return {
    header("200 OK", "text/html"),
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>A small device</title>\n",
    "<style>body { font: 18px sans-serif; max-width: 30em; margin: 3em auto }</style>\n</head>\n<body>\n",
    ("<h1>Hello, %s</h1>\n"):format(peer),
    ("<p>You are visitor number %d.</p>\n"):format(visits),
    ("<p>This device is up for %d seconds, and has %d bytes of memory left.</p>\n"):format(tmr.time(), node.heap()),
    "<p><a href=\"/status\">Status</a></p>\n</body>\n</html>\n",
  }
end

local function status_page()
  return {
    header("200 OK", "text/plain"),
    ("visits %d\n"):format(visits),
    ("uptime %d s\n"):format(tmr.time()),
    ("heap %d bytes\n"):format(node.heap()),
  }
end

local function not_found(path)
  path = path:gsub("[<>&]", "")
  return {header("404 Not Found", "text/plain"), "There is no " .. path .. " here.\n"}
end

local function answer(request, peer)
  local method, path = request:match("^(%u+) (%S+) HTTP/1%.%d\r\n")
  if not method then
    return {header("400 Bad Request", "text/plain"), "This is not HTTP.\n"}
  elseif method ~= "GET" then
    return {header("405 Method Not Allowed", "text/plain"), "GET is all there is.\n"}
  elseif path == "/" then
    return front_page(peer)
  elseif path == "/status" then
    return status_page()
  end
  return not_found(path)
end

local function send_pieces(socket, pieces)
  local function send_next(s)
    if #pieces > 0 then
      s:send(table.remove(pieces, 1))
    else
      s:close()
    end
  end
  socket:on("sent", send_next)
  send_next(socket)
end

local function serve(socket)
  local request, _, peer = "", socket:getpeer()

  -- A request may arrive in any number of pieces.
  socket:on("receive", function(s, data)
    request = request .. data
    if request:find("\r\n\r\n", 1, true) or #request > LONGEST_REQUEST then
      s:on("receive", function() end) -- ignore what follows
      send_pieces(s, answer(request, peer))
    end
  end)
end

local server = net.createServer(net.TCP, 30) -- closes clients that are silent for 30 s
server:listen(port, serve)
print(("Listening: http://%s:%d/"):format(wifi.sta.getip() or "127.0.0.1", (server:getaddr())))
