-- creates a server
sv = net.createServer(net.TCP, 30)
-- closes the server
sv:close()
