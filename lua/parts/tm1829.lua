-- tm1829: a strip of LEDs.

return require "netmcu.parts.strip".class {kind = "tm1829", pin = 5, order = "brg"}
