-- Sends every datagram back to where it came from.
--
-- Try it:  echo -n foo | nc -u -w1 127.0.0.1 5000        (another port: the first argument)

local port = tonumber((...)) or 5000

local socket = net.createUDPSocket()
socket:on("receive", function(s, data, peer_port, peer_ip)
  print(("%d bytes from %s:%d"):format(#data, peer_ip, peer_port))
  if #data > 0 then -- an empty datagram can be received, and not be sent
    s:send(peer_port, peer_ip, "echo: " .. data)
  end
end)
socket:listen(port)
print("Listening on UDP port " .. socket:getaddr())
