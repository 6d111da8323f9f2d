-- The lamp: lamp.set(true), lamp.on, and lamp.changed(on) when it was switched.
lamp = {on = false}

gpio.mode(LAMP, gpio.OUTPUT)
gpio.write(LAMP, gpio.LOW)

function lamp.set(on)
  if on == lamp.on then
    return
  end
  lamp.on = on
  gpio.write(LAMP, on and gpio.HIGH or gpio.LOW)
  if lamp.changed then
    lamp.changed(on)
  end
end
