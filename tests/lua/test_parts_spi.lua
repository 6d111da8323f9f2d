-- spi: what a script sends reaches the part that is selected, and what the part answers comes back.

local netmcu = require "netmcu"
local expect = require "expect"

local BUS = 1
local got, selections = {}, {}

local function seen()
  local text = table.concat(got, " ")
  got = {}
  return text
end

local part = netmcu.spi.attach(BUS, 8, {
  exchange = function(value, bits)
    got[#got + 1] = ("%x:%d"):format(value, bits)
    return value ~ 0xff
  end,
  selected = function(is_selected) selections[#selections + 1] = tostring(is_selected) end,
})

-- Before setup, items have no bits.
assert(spi.send(BUS, 1) == 1 and spi.recv(BUS, 1) == "\0" and seen() == "")

-- The SPI engine selects the part at pin 8 for each item.
assert(spi.setup(BUS, spi.MASTER, spi.CPOL_LOW, spi.CPHA_LOW, 8, 8) == 1)
assert(spi.send(BUS, 1, 255) == 2 and seen() == "1:8 ff:8")
assert(table.concat(selections, " ") == "true false true false")
assert(spi.send(BUS, {2, 3}, "ab") == 4 and seen() == "2:8 3:8 61:8 62:8")
assert(select("#", spi.send(BUS, 1)) == 1)
assert(spi.recv(BUS, 2, 0x0f) == "\xf0\xf0" and spi.recv(BUS, 1) == "\0")
seen()

-- Full duplex returns each item in its own form; words of 12 bits go out as 8 and 4.
spi.setup(BUS, spi.MASTER, spi.CPOL_LOW, spi.CPHA_LOW, 8, 8, spi.FULLDUPLEX)
local count, number, list, text = spi.send(BUS, 1, {2, 3}, "a")
assert(count == 4 and number == 0xfe and list[1] == 0xfd and list[2] == 0xfc and text == "\x9e")
count, text = spi.send(BUS, {}, "", "a") -- only what was sent has an answer
assert(count == 1 and text == "\x9e")
assert(select("#", spi.recv(BUS, 0)) == 0 and spi.recv(BUS, -1) == "")
spi.setup(BUS, spi.MASTER, spi.CPOL_LOW, spi.CPHA_LOW, 12, 8)
seen()
spi.send(BUS, 0xabc)
assert(seen() == "ab:8 c:4")

-- Transactions
spi.set_mosi(BUS, "\1\2\3")
spi.set_mosi(BUS, 4, 8, 0x55)
spi.transaction(BUS, 8, 0x9f, 4, 0x5, 16, 4, 16)
assert(seen() == "9f:8 50:8 55:8 20:8 0:8 0:8")
assert(spi.get_miso(BUS, 2) == "\xff\xff" and spi.get_miso(BUS, 4, 4, 2) == 15)
spi.transaction(BUS, 8, 0x9f, 0, 0, 16, 0, -16) -- full duplex
assert(spi.get_miso(BUS, 2) == "\xfa\xad")
seen()

-- A part at another pin is selected by gpio, and then the engine leaves pin 8 alone.
local other = netmcu.spi.attach(BUS, 2, {exchange = function() return 0x42 end})
gpio.mode(8, gpio.OUTPUT)
gpio.mode(2, gpio.OUTPUT)
gpio.write(8, 1)
gpio.write(2, 1)
spi.setup(BUS, spi.MASTER, spi.CPOL_LOW, spi.CPHA_LOW, 8, 8)
assert(spi.recv(BUS, 1) == "\xff")
gpio.write(2, 0)
assert(spi.recv(BUS, 1) == "\x42")
gpio.write(2, 1)
gpio.write(8, 0)
assert(spi.recv(BUS, 1, 0x0f) == "\xf0")
part:set {failing = "silent"}
assert(spi.recv(BUS, 1) == "\xff")
part:unplug()
other:unplug()
local seen_selections = #selections
gpio.write(8, 1)
gpio.write(8, 0)
assert(#selections == seen_selections, "a part that was taken away is selected")
spi.setup(0, spi.MASTER, spi.CPOL_LOW, spi.CPHA_LOW, 8, 8)
assert(spi.recv(BUS, 1) == "\xff" and spi.recv(0, 1) == "\xff")
assert(spi.setup(BUS, spi.MASTER, spi.CPOL_LOW, spi.CPHA_LOW, 8, 0) == 1)
assert(spi.set_clock_div(BUS, 84) == 8 and spi.set_clock_div(BUS, 8) == 84)

for message, call in pairs {
  ["spi 2 does not exist"] = function() spi.send(2, 1) end,
  ["wrong arg type"] = function() spi.setup(1, 5, 0, 0, 8, 8) end,
  ["^[^(]*out of range$"] = function() spi.setup(1, 1, 0, 0, 33, 8) end,
  [": wrong arg type$"] = function() spi.send(1) end,
  ["#2 to 'send' %(string expected, got boolean%)"] = function() spi.send(1, true) end,
  ["not enough memory"] = function() spi.recv(1, 65536) end,
  ["#3 to 'recv' %(number expected"] = function() spi.recv(1, 1, "x") end,
  ["#2 to 'set_mosi' %(out of range%)"] = function() spi.set_mosi(1, 512, 8, 1) end,
  ["#3 to 'set_mosi' %(out of range%)"] = function() spi.set_mosi(1, 0, 0, 1) end,
  ["#2 to 'get_miso' %(out of range%)"] = function() spi.get_miso(1, 65) end,
  ["#3 to 'get_miso' %(out of range%)"] = function() spi.get_miso(1, 0, 33, 1) end,
  ["data range exceeded > 512 bits"] = function() spi.set_mosi(1, 504, 8, 1, 2) end,
  ["#2 to 'set_mosi' .*out of range"] = function() spi.set_mosi(1, ("x"):rep(65)) end,
  ["#2 to 'transaction' %(out of range%)"] = function() spi.transaction(1, 17, 0, 0, 0, 0, 0, 0) end,
  ["#8 to 'transaction' %(out of range%)"] = function() spi.transaction(1, 0, 0, 0, 0, 0, 0, 513) end,
  ["%(number expected, got table%)"] = function() spi.send(1, {{}}) end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(message), tostring(problem))
end
expect.finish()
