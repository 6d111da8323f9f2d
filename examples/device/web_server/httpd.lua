-- The server itself. routes.lua has the handlers of some paths; every other path is a file.

local httpd = {}

local routes = require("routes")

local types = {
  html = "text/html; charset=utf-8",
  css = "text/css",
  js = "application/javascript",
  json = "application/json",
  svg = "image/svg+xml",
  txt = "text/plain",
  bin = "application/octet-stream",
}

local reasons = {[200] = "OK", [400] = "Bad Request", [404] = "Not Found", [405] = "Method Not Allowed"}

local function header(status, mime, length)
  return table.concat({
    "HTTP/1.1 " .. status .. " " .. reasons[status],
    "Server: NodeMCU",
    "Content-Type: " .. (mime or types.txt),
    "Content-Length: " .. length,
    "Connection: close",
    "", "",
  }, "\r\n")
end

local function finish(sck)
  sck:close()
end

local function send_text(sck, status, mime, text)
  sck:send(header(status, mime, #text) .. text, finish)
end

local function send_file(sck, name, size, chunk)
  local fd = file.open(name, "r")
  local function send_next(s)
    local data = fd:read(chunk)
    if data then
      s:send(data)
    else
      fd:close()
      s:close()
    end
  end
  sck:on("disconnection", function()
    fd:close()
  end)
  sck:on("sent", send_next)
  sck:send(header(200, types[name:match("%.(%w+)$")], size))
end

local function unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function parse_query(query)
  local args = {}
  for key, value in query:gmatch("([^&=]+)=([^&]*)") do
    args[unescape(key)] = unescape(value)
  end
  return args
end

local function respond(sck, request, chunk)
  local method, target = request:match("^(%u+) (%S+) HTTP/1%.[01]\r\n")
  if not method then
    return send_text(sck, 400, nil, "Bad request\n")
  end
  if method ~= "GET" then
    return send_text(sck, 405, nil, "Only GET\n")
  end
  local path, query = target:match("^([^?]*)%??(.*)$")
  if routes[path] then
    local mime, text = routes[path](parse_query(query))
    return send_text(sck, 200, types[mime], text)
  end
  local name = unescape(path):sub(2)
  if name == "" then
    name = "index.html"
  end
  local stat = file.stat(name)
  if stat and not name:match("%.lua$") then
    send_file(sck, name, stat.size, chunk)
  else
    send_text(sck, 404, nil, "Not found: " .. path .. "\n")
  end
end

function httpd.start(port, chunk)
  local server = net.createServer(net.TCP, 10)
  server:listen(port, function(conn)
    local request = ""
    conn:on("receive", function(sck, data)
      request = request .. data
      if request:find("\r\n\r\n", 1, true) then
        sck:on("receive", nil)
        respond(sck, request, chunk)
      end
    end)
  end)
  print("HTTP server on port " .. port)
  return server
end

return httpd
