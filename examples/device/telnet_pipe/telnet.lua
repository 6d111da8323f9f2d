-- A telnet server for the Lua prompt, for firmware that gives the function of node.output a pipe.
--
-- Run:  tools/run examples/device/telnet_pipe/telnet.lua
-- Try:  telnet 127.0.0.1 2323

local port = 2323

local function telnet_session(socket)
  local node_output

  local function transmit(pipe)
    node_output = pipe
    local text = pipe:read(1400)
    if text and #text > 0 then
      socket:send(text)
    end
    return false -- on_sent calls this again when the data is out
  end

  local function on_sent()
    if node_output and node_output:nrec() > 0 then
      transmit(node_output)
    end
  end

  local function on_disconnect()
    node.output()
    print("telnet client gone")
  end

  socket:on("receive", function(_, line) node.input(line) end)
  socket:on("disconnection", on_disconnect)
  socket:on("sent", on_sent)
  node.output(transmit, 0)
  print(("Welcome to NodeMCU %d.%d.%d"):format(node.info()))
end

local server = net.createServer(net.TCP, 180)
server:listen(port, telnet_session)
print("Telnet server on port " .. port)
