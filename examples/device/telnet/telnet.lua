-- A telnet server for the Lua prompt, for firmware that gives the function of node.output a string.
--
-- Run:  tools/run examples/device/telnet/telnet.lua
-- Try:  telnet 127.0.0.1 2323        and type
--       =node.heap()   print("hello")   for k in pairs(file.list()) do print(k) end

PORT = 2323

if telnet_srv then
  telnet_srv:close()
end
telnet_srv = net.createServer(net.TCP, 180)

telnet_srv:listen(PORT, function(c)
  if con_std ~= nil then
    c:on("sent", function(c) c:close() end)
    c:send("Another client is connected.\r\n")
    return
  end
  con_std = c

  local fifo = {}
  local busy = false

  local function sender(c)
    if #fifo > 0 then
      c:send(table.remove(fifo, 1))
    else
      busy = false
    end
  end

  local function s_output(str)
    table.insert(fifo, str)
    if con_std ~= nil and not busy then
      busy = true
      sender(con_std)
    end
  end

  node.output(s_output, 0)

  c:on("receive", function(c, l)
    node.input(l)
  end)
  c:on("sent", sender)
  c:on("disconnection", function(c)
    con_std = nil
    node.output(nil)
    print("telnet client gone")
  end)

  print("Welcome to NodeMCU.")
  node.input("\r\n")
end)

print("Telnet server on port " .. PORT)
