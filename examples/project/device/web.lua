-- The page / shows the lamp; /on and /off switch it.
local server = net.createServer(net.TCP, 30)

server:listen(80, function(conn)
  conn:on("receive", function(c, request)
    local path = request:match("^GET (%S*) ")
    local status = "200 OK"
    if path == "/on" or path == "/off" then
      lamp.set(path == "/on")
    elseif path ~= "/" then
      status = "404 Not Found"
    end
    c:send("HTTP/1.0 " .. status .. "\r\nContent-Type: text/plain\r\n\r\nThe lamp is " ..
      (lamp.on and "on" or "off") .. ".\n")
  end)
  conn:on("sent", function(c) c:close() end)
end)
