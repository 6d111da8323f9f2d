-- path = function(arguments) returns type, text

local LED = 4
gpio.mode(LED, gpio.OUTPUT)
gpio.write(LED, gpio.HIGH)

return {
  ["/status.json"] = function()
    return "json", sjson.encode({
      chip = node.chipid(),
      heap = node.heap(),
      uptime = tmr.time(),
      ip = wifi.sta.getip(),
      led = gpio.read(LED) == gpio.LOW,
    })
  end,

  -- The LED of the board is on when the pin is low.
  ["/led"] = function(args)
    gpio.write(LED, args.state == "on" and gpio.LOW or gpio.HIGH)
    return "txt", "LED is " .. (gpio.read(LED) == gpio.LOW and "on" or "off") .. "\n"
  end,
}
