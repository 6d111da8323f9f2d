-- A lamp at pin 4. "on" or "off" in a line switches it, and it answers with its state.

local LAMP = 4
gpio.mode(LAMP, gpio.OUTPUT)
on = false

local server = net.createServer(net.TCP, 60)
server:listen(7000, function(sk)
  sk:on("receive", function(c, line)
    on = line == "on\n"
    gpio.write(LAMP, on and gpio.HIGH or gpio.LOW)
    print("the lamp is " .. (on and "on" or "off"))
    c:send(line)
  end)
  sk:on("sent", function(c) c:close() end)
end)
