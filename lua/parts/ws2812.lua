-- ws2812: a strip of LEDs. The module ws2812 sends to pin 4, and to pin 10 in dual mode.

return require "netmcu.parts.strip".class {kind = "ws2812", pin = 4}
