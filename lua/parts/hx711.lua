-- HX711: a converter for a load cell, of 24 bits. The device's module reads its value.

return require "netmcu.parts.part".class {
  kind = "hx711", bus = "pin",
  values = {{name = "load", unit = "", default = 0, least = -0x800000, most = 0x7fffff}},
}
