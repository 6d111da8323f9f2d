-- ws2801: a strip of LEDs. Its pin is that of the data.

return require "netmcu.parts.strip".class {kind = "ws2801", pin = 4, order = "rgb"}
