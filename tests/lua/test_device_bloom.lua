-- bloom: what was added is found, other strings rarely, and the bits are those of the firmware.

local expect = require "expect"

local filter = bloom.create(1000, 100)
if not pcall(crypto.sha1, "") then
  local done, problem = pcall(filter.check, filter, "apple")
  assert(not done and problem:find("built without nettle", 1, true))
  return print "skipped: netmcu was built without nettle"
end
assert(filter:check "apple" == false and filter:add "apple" == false and filter:add "apple" == true)
assert(filter:check "apple" == true and filter:check "pear" == false)
local bits, functions, occupancy, chance = filter:info()
assert(bits == 10528 and functions == 6 and occupancy == 6 and chance == 1000000)
for i = 1, 1000 do
  filter:add("in " .. i)
end
local wrong = 0
for i = 1, 1000 do
  assert(filter:check("in " .. i))
  wrong = wrong + (filter:check("out " .. i) and 1 or 0)
end
assert(wrong < 30, wrong)
chance = select(4, filter:info())
assert(chance > 30 and chance < 1000, chance)
filter:reset()
assert(filter:check "apple" == false and select(3, filter:info()) == 0)

bits, functions = bloom.create(1, 2):info() -- the least
assert(bits == 256 and functions == 15)
assert(select(2, bloom.create(100000, 1):info()) == 2)
expect.raises("not enough memory", bloom.create, 1000000, 100)
expect.raises("not enough memory", bloom.create, math.maxinteger, math.maxinteger)
expect.raises("bad argument #1 to 'create' (invalid number of elements)", bloom.create, 0, 1)
expect.raises("bad argument #1 to 'check' (bloom.filter expected, got string)", filter.check, "x", "y")
expect.raises("bad argument #2 to 'add' (string expected, got no value)", filter.add, filter)
