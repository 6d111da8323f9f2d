-- An FTP server for the flash: passive and active transfers, several clients.
--
-- Run:  tools/run examples/device/ftp_server       (better in a copy: clients may change it)
-- Try:  curl ftp://test:12345@127.0.0.1:2121/
--       curl -T some.file ftp://test:12345@127.0.0.1:2121/
--       lftp -u test,12345 -p 2121 127.0.0.1

local ftp = require("ftpserver")

ftp.user = "test"
ftp.password = "12345"
ftp.port = 2121

-- Waits for the network as older scripts do.
local timer = tmr.create()
timer:alarm(500, tmr.ALARM_AUTO, function(t)
  local ip = wifi.sta.getip()
  if not ip then
    return print("no network yet")
  end
  t:unregister()
  ftp.start()
  print("FTP server on " .. ip .. ":" .. ftp.port)
end)
