-- A bridge between the serial line and TCP. It sends data from a client to the UART, and data from
-- the UART to the client. Data from the UART is gathered for a moment, which makes fewer packets.
-- There is one client at a time; without a client, data from the UART is dropped.
--
-- Run:  tools/run examples/device/uart_bridge        the terminal is the serial line
-- Try:  nc 127.0.0.1 2300

local PORT = 2300
local GATHER = 10 -- ms

local client
local pending = ""
local sending = false
local timer = tmr.create()

local function transmit()
  if client and not sending and #pending > 0 then
    sending = true
    client:send(pending:sub(1, 1460))
    pending = pending:sub(1461)
  end
end
timer:register(GATHER, tmr.ALARM_SEMI, transmit)

uart.setup(0, 115200, 8, uart.PARITY_NONE, uart.STOPBITS_1, 0)
uart.on("data", 0, function(data)
  if client then
    pending = pending .. data
    timer:start()
  end
end, 0)

local server = net.createServer(net.TCP, 28800)
server:listen(PORT, function(conn)
  if client then
    client:on("disconnection", nil)
    client:close()
  end
  client, pending, sending = conn, "", false
  conn:on("receive", function(_, data)
    uart.write(0, data)
  end)
  conn:on("sent", function(c)
    if c == client then
      sending = false
      transmit()
    end
  end)
  conn:on("disconnection", function(c)
    if c == client then
      client = nil
    end
  end)
end)
uart.write(0, "bridge on port ", tostring(PORT), "\r\n")
