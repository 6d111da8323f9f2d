-- Forwards connections to another host, in both directions: the device gives access to a server
-- that only the device can reach.
--
-- Each piece waits until the previous one is out, and the faster side is held. A little memory is
-- therefore enough for any amount of data.
--
-- Try it:  with the arguments  example.com 80 8080  (host, its port, port to listen on), then
--          curl -H 'Host: example.com' http://127.0.0.1:8080/

local host, port, listen_port = ...
host = host or "example.com"
port = tonumber(port) or 80
listen_port = tonumber(listen_port) or 8080

-- Sends what `from` receives to `to`.
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

-- If one side ends, close the other; its output is still delivered.
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
  client:hold() -- until the connection to the host is open
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
