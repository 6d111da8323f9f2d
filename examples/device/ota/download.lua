-- download(host, port, path, name, fn) fetches into a file. It holds the sender back while it
-- writes. It calls fn(true) or fn(false, why).

return function(host, port, path, name, fn)
  local sk = net.createConnection(net.TCP, 0)
  local fd, head, length, received = nil, "", nil, 0

  local function done(ok, why)
    if fd then
      fd:close()
      fd = nil
    end
    if fn then
      local callback = fn
      fn = nil
      callback(ok, why)
    end
  end

  local function write(sck, data)
    if #data > 0 then
      sck:hold()
      received = received + #data
      if not fd:write(data) then
        sck:close()
        return done(false, "no space")
      end
      node.task.post(node.task.LOW_PRIORITY, function()
        pcall(function() sck:unhold() end)
      end)
    end
    if length and received >= length then
      sck:close()
      done(true)
    end
  end

  sk:on("receive", function(sck, data)
    if fd then
      return write(sck, data)
    end
    head = head .. data
    local headers, body = head:match("^(.-\r\n)\r\n(.*)$")
    if not headers then
      return
    end
    local status = headers:match("^HTTP/%d%.%d (%d+)")
    if status ~= "200" then
      sck:close()
      return done(false, path .. " gives " .. tostring(status))
    end
    length = tonumber(headers:lower():match("content%-length: *(%d+)"))
    fd = file.open(name, "w+")
    head = nil
    write(sck, body)
  end)

  sk:on("disconnection", function(_, code)
    if fd and not length then
      done(true)
    else
      done(false, "connection lost, code " .. tostring(code))
    end
  end)

  sk:on("connection", function(sck)
    sck:send("GET " .. path .. " HTTP/1.0\r\nHost: " .. host .. "\r\nUser-Agent: esp8266\r\n\r\n")
  end)
  sk:connect(port, host)
end
