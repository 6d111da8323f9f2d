-- The lamp: lamp.set(on) switches it, lamp.on is its state. It calls lamp.changed(on) after a
-- switch.
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
