-- Hands connections on to another host, both ways: a device as the door to a server that only it can reach.
--
-- Each piece waits until the one before it is out: the side that is faster is held, so that little memory is enough for
-- any amount of data.
--
-- Try it:  with the arguments  example.com 80 8080  (host, its port, port to listen on), then
--          curl -H 'Host: example.com' http://127.0.0.1:8080/

local host, port, listen_port = ...
host = host or "example.com"
port = tonumber(port) or 80
listen_port = tonumber(listen_port) or 8080

-- What `from` receives goes to `to`.
local function pump(from, to)
  from:on("receive", function(_, data)
    from:hold()
    to:send(data, function()
      from:unhold()
    end)
  end)
end

local function explain(code)
  return code == 0 and "ended" or "failed with code " .. code
end

-- The end of one is the end of the other; what was sent still goes out.
local function tie(from, to, name)
  from:on("disconnection", function(_, code)
    print(name .. " " .. explain(code))
    if to:getpeer() then
      to:close()
    end
  end)
end

local server = net.createServer(net.TCP, 120)
server:listen(listen_port, function(client)
  local remote = net.createConnection()
  client:hold() -- until there is somebody to hand it to
  pump(client, remote)
  pump(remote, client)
  tie(client, remote, "client")
  tie(remote, client, host)
  remote:on("connection", function()
    client:unhold()
  end)
  remote:connect(port, host)
end)
print(("%s:%d is behind port %d"):format(host, port, (server:getaddr())))
