-- Fetches a page and prints its body as it arrives, then the status and the time it took.
--
-- Try it:  without arguments it fetches http://httpbin.org/get;
--          with the arguments  127.0.0.1 8080 /status  it asks http_server.lua

local host, port, path = ...
host = host or "httpbin.org"
port = tonumber(port) or 80
path = path or "/get"

local started = tmr.now()
local head, body_bytes, failure = "", 0, nil

local function take_body(data)
  body_bytes = body_bytes + #data
  uart.write(0, data)
end

-- The header may arrive in several pieces. The last of them may also contain the start of the body.
local function take(_, data)
  if not head then
    return take_body(data)
  end
  head = head .. data
  local status, rest = head:match("^HTTP/%d%.%d (%d+).-\r\n\r\n(.*)$")
  if status then
    head = nil
    failure = status ~= "200" and "status " .. status or nil
    take_body(rest)
  end
end

local function finish(_, code)
  if code ~= 0 then
    failure = "no connection, code " .. code
  elseif head then
    failure = "the answer was not HTTP"
  end
  print(("%s: %d bytes in %d ms"):format(failure or "done", body_bytes, (tmr.now() - started) / 1000))
end

local socket = net.createConnection()
socket:on("dns", function(_, ip)
  if not ip then
    print(host .. " is not known")
  end
end)
socket:on("connection", function(s)
  s:send("GET " .. path .. " HTTP/1.0\r\nHost: " .. host .. "\r\nConnection: close\r\nAccept: */*\r\n\r\n")
end)
socket:on("receive", take)
socket:on("disconnection", finish)
socket:connect(port, host)
