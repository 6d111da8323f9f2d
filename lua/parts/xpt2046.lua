-- XPT2046: a touch screen. The device's module reads its values: the position in steps of its
-- converter, and whether it is pressed.

return require "netmcu.parts.part".class {
  kind = "xpt2046", bus = "spi", pin = 8,
  values = {
    {name = "x", unit = "", default = 2048, least = 0, most = 4095},
    {name = "y", unit = "", default = 2048, least = 0, most = 4095},
    {name = "pressed", unit = "", default = 0, least = 0, most = 1},
  },
}
