-- apa102: a strip of LEDs whose first byte is the brightness. Its pin is that of the data.

return require "netmcu.parts.strip".class {kind = "apa102", pin = 2, order = "ibgr"}
