-- Sends every datagram back to its sender.
--
-- Try it:  echo -n foo | nc -u -w1 127.0.0.1 5000        (the first argument is another port)

local port = tonumber((...)) or 5000

local socket = net.createUDPSocket()
socket:on("receive", function(s, data, peer_port, peer_ip)
  print(("%d bytes from %s:%d"):format(#data, peer_ip, peer_port))
  if #data > 0 then -- a script can receive an empty datagram, but not send one
    s:send(peer_port, peer_ip, "echo: " .. data)
  end
end)
socket:listen(port)
print("Listening on UDP port " .. socket:getaddr())
