-- Logs to a syslog server (RFC 3164) with the UDP functions of older firmware: createConnection
-- creates the socket, and connect sets the port.
--
-- Run:  tools/run examples/device/syslog
-- Try:  nc -u -l 127.0.0.1 5514        first, in another terminal

SYSLOG_HOST = "127.0.0.1"
SYSLOG_PORT = 5514
INTERVAL = 5000

FACILITY = 16 -- local0
levels = {emerg = 0, alert = 1, crit = 2, err = 3, warning = 4, notice = 5, info = 6, debug = 7}

function open_log()
  log_socket = net.createConnection(net.UDP, 0)
  log_socket:connect(SYSLOG_PORT, SYSLOG_HOST)
end

function log(level, ...)
  local text = string.format(unpack(arg))
  print(level .. ": " .. text)
  log_socket:send("<" .. FACILITY * 8 + levels[level] .. ">" .. wifi.sta.getmac() .. " nodemcu: " .. text)
end

open_log()
log("notice", "started, reason %d, heap %d", node.bootreason() or 0, node.heap())

count = 0
tmr.alarm(2, INTERVAL, 1, function()
  count = count + 1
  log("info", "alive %d, adc %d", count, adc.read(0))
  if count % 3 == 0 then
    log("warning", "still %s after %d", "here", count)
  end
end)
