-- The values of parts are numbers, functions of time or columns of a CSV file, and every mistake in
-- a setting is named.

local netmcu = require "netmcu"
local expect = require "expect"

local part = netmcu.part "bme280"
assert(part:value "temp" == 20 and part:value "humidity" == 50 and part:value "pressure" == 1013.25)

part = netmcu.part("bme280", {address = 0x77, temp = -40, humidity = function(seconds) return 10 + seconds * 0 end})
assert(part:value "temp" == -40 and part:value "humidity" == 10)
part:set {temp = 85, humidity = function() return 1e9 end}
assert(part:value "temp" == 85 and part:value "humidity" == 100) -- the most that it can measure
part:set {failing = "range"}
assert(part:value "temp" > 85)
part:set {failing = "none"}
assert(part:value "temp" == 85)

part = netmcu.part "bme280,address=0x77,temp=21.5"
assert(part:value "temp" == 21.5 and #netmcu.parts() == 2) -- replaces the one at this address

local function write(name, text)
  local path = os.tmpname()
  local out = assert(io.open(path, "wb"))
  out:write(text)
  out:close()
  return path, name
end

local path = write("values", 'time,temp,"inside",note\r\n0,1.5,20,x\r\n3600,2.5,21,y\r\n')
part = netmcu.part("bme280", {csv = path})
assert(part:value "temp" == 1.5 and part:value "humidity" == 50)
part:set {temp = "inside"}
assert(part:value "temp" == 20)
local done, problem = pcall(part.set, part, {temp = "outside"})
assert(not done and problem:find("the file has no column 'outside'", 1, true), problem)
done, problem = pcall(part.set, part, {temp = "note"})
assert(not done and problem:find("line 2 has no number in column 'note'", 1, true), problem)
os.remove(path)

-- The last line whose time has come is valid; without times, there is a line for each second.
local csv = require "netmcu.parts.csv"
path = write("steps", "temp\n1\n2\n3\n")
local columns = csv.read(part, path)
local seen = {}
for i, seconds in ipairs {0, 0.9, 1, 1.9, 2, 1e9} do
  seen[i] = columns.temp(seconds)
end
assert(table.concat(seen, " ") == "1 1 2 2 3 3", table.concat(seen, " "))
os.remove(path)

-- A file that the part would not use, or whose times go back, is a mistake.
for content, text in pairs {
  ["a;b\n1;2\n"] = "no column has the name of a value: temp humidity pressure",
  ["time,temp\n0,1\n5,2\n4,3\n"] = "the time in line 4 is before that of line 3",
} do
  path = write("wrong", content)
  done, problem = pcall(netmcu.part, "bme280", {csv = path})
  assert(not done and problem:find(text, 1, true), problem)
  os.remove(path)
end

for text, call in pairs {
  ["there is no part 'toaster'; the kinds are: "] = function() netmcu.part "toaster" end,
  ["there is no part 'init'"] = function() netmcu.part "init" end,
  ["there is no part 'nil'"] = function() netmcu.part() end,
  ["a table of settings expected"] = function() netmcu.part("bme280", 5) end,
  ["there is no setting 'colour'"] = function() netmcu.part("bme280", {colour = 1}) end,
  ["'temp' is not a setting: KEY=VALUE expected"] = function() netmcu.part "bme280,temp" end,
  ["temp: a value from -40 to 85 expected"] = function() netmcu.part "bme280,temp=99" end,
  ["temp: a number, a function, or with csv=FILE the name of a column expected"] = function()
    netmcu.part "bme280,temp=warm"
  end,
  ["there is no value 'tmp'; the values are: failing temp humidity pressure"] = function() part:set {tmp = 1} end,
  ["there is no value 'address'"] = function() part:set {address = 0x77} end,
  ["part bme280: a table of settings expected"] = function() part:set() end,
  ["save: the path of a PNG file expected"] = function() netmcu.part "ssd1306":save() end,
  ["address: an integer from 0 to 127 expected"] = function() netmcu.part "bme280,address=200" end,
  ["failing: one of none silent range expected"] = function() netmcu.part "bme280,failing=checksum" end,
  ["bme280: csv /no/file"] = function() netmcu.part "bme280,csv=/no/file" end,
  ["part bme280: there is no value 'x'"] = function() part:value "x" end,
  ["temp: the function has returned no number"] = function()
    netmcu.part("bme280", {temp = function() return "x" end}):value "temp"
  end,
} do
  local fine, message = pcall(call)
  assert(not fine and message:find(text, 1, true), tostring(message))
end

expect.finish()
