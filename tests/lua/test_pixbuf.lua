-- pixbuf: buffers for strips of LEDs compute as the firmware does.

local expect = require "expect"

local function shows(buffer, text)
  assert(tostring(buffer) == text, tostring(buffer))
end

local function numbers(text)
  local buffer, i = pixbuf.newBuffer(select(2, text:gsub("%d+", "")), 1), 0
  for number in text:gmatch "%d+" do
    i = i + 1
    buffer:set(i, tonumber(number))
  end
  return buffer
end

-- Bytes
local buffer = pixbuf.newBuffer(3, 3)
assert(buffer:size() == 3 and buffer:channels() == 3 and buffer:dump() == ("\0"):rep(9))
assert(buffer:set(1, 1, 2, 3):set(2, {4, "5"}):set(3, "\7\8\9") == buffer)
shows(buffer, "[(1,2,3),(4,5,0),(7,8,9)]")
assert(table.concat({buffer:get(2)}, " ") == "4 5 0")
assert(buffer:set(2, "abcdef"):dump() == "\1\2\3abcdef")
assert(buffer:fill(1, 256, -1):dump() == ("\1\0\255"):rep(3))
assert(ws2812.newBuffer(3, 3):fill(1, 0, 255) == buffer and pixbuf.newBuffer(3, 3) ~= buffer)
assert(pixbuf.newBuffer(9, 1):set(1, buffer:dump()) ~= buffer)
local copy = buffer:sub(1)
copy:set(1, 9, 9, 9)
assert(copy ~= buffer and buffer:dump() == ("\1\0\255"):rep(3))

-- Slices
buffer = numbers "1 2 3 4 5"
shows(buffer:sub(2, 3), "[(2),(3)]")
shows(buffer:sub(-2), "[(4),(5)]")
shows(buffer:sub(4, 99), "[(4),(5)]")
shows(buffer:sub(4, 2), "[]")
shows(buffer:sub(4, 2) .. buffer:sub(1, 1), "[(1)]")
shows(buffer:sub(4, 2):sub(1), "[]")
shows(buffer:sub(1, 2) .. buffer:sub(5), "[(1),(2),(5)]")
expect.nothing(buffer:replace("\8\9"))
expect.nothing(buffer:replace(numbers "6 7", -2))
shows(buffer, "[(8),(9),(3),(6),(7)]")

-- Shifts: logical and circular, within a part of the buffer
for text, arguments in pairs {
  ["[(0),(0),(1),(2),(3)]"] = {2}, ["[(3),(4),(5),(0),(0)]"] = {-2}, ["[(4),(5),(1),(2),(3)]"] = {2, pixbuf.SHIFT_CIRCULAR},
  ["[(3),(4),(5),(1),(2)]"] = {-2, pixbuf.SHIFT_CIRCULAR}, ["[(1),(4),(2),(3),(5)]"] = {1, 1, 2, 4},
  ["[(1),(2),(0),(3),(4)]"] = {1, 0, -3, -1}, ["[(0),(0),(0),(0),(0)]"] = {5}, ["[(1),(2),(3),(4),(5)]"] = {5, 1},
} do
  buffer = numbers "1 2 3 4 5"
  expect.nothing(buffer:shift(table.unpack(arguments)))
  shows(buffer, text)
end
buffer = pixbuf.newBuffer(2, 3):set(1, "abcdef")
buffer:shift(1, pixbuf.SHIFT_CIRCULAR)
assert(buffer:dump() == "defabc")

-- Fades
buffer = numbers "10 11 200"
expect.nothing(buffer:fade(2))
shows(buffer, "[(5),(5),(100)]")
buffer:fade(3, pixbuf.FADE_IN)
shows(buffer, "[(15),(15),(255)]")
buffer = pixbuf.newBuffer(2, 2):set(1, "\10\10\20\20")
buffer:fadeI(2)
shows(buffer, "[(5,10),(10,20)]")
buffer:fadeI(2, pixbuf.FADE_IN)
shows(buffer, "[(10,10),(20,20)]")

-- Sums
assert(buffer:power() == 60 and buffer:powerI() == 500)
assert(numbers "1 2 3":powerI() == 0)

-- Mixes: 256 is one; the result is rounded and limited
local a, b = numbers "0 100 255", numbers "255 100 0"
shows(numbers "0 0 0":mix(128, a, 128, b), "[(128),(100),(128)]")
shows(numbers "0 0 0":mix(512, a, -256, b), "[(0),(100),(255)]")
shows(a:sub(1):mix(), "[(0),(100),(255)]")
shows(a:mix(192, a), "[(0),(75),(191)]")
local bright = pixbuf.newBuffer(2, 4):set(1, "\31\255\0\100\0\0\0\0")
shows(bright:sub(1):mix4I5(256, bright), "[(31,255,0,100),(0,0,0,0)]")
shows(bright:sub(1):mix4I5(128, bright), "[(16,248,0,97),(0,0,0,0)]")
shows(bright:sub(1):mix4I5(1, bright), "[(1,31,0,12),(0,0,0,0)]")

-- Maps of one buffer and of two
buffer = pixbuf.newBuffer(2, 3):set(1, "\1\2\3\4\5\6")
assert(buffer:map(function(x, y, z) return z, x, y end) == buffer)
shows(buffer, "[(3,1,2),(6,4,5)]")
shows(pixbuf.newBuffer(2, 1):map(function(value) return value * 2 end, numbers "1 2 3 4", 2, 3), "[(4),(6)]")
shows(pixbuf.newBuffer(2, 2):map(function(...) return ... end, numbers "1 2", 1, 2, numbers "7 8 9", 2), "[(1,8),(2,9)]")
shows(numbers "1 2":map(function(value) return value + 255 end, nil, nil, nil, numbers "0 0"), "[(0),(1)]")

-- Wrong arguments
buffer = pixbuf.newBuffer(2, 3)
for text, call in pairs {
  ["#1 to 'newBuffer' (should be a positive integer)"] = function() pixbuf.newBuffer(0, 3) end,
  ["#2 to 'newBuffer' (should be a positive integer)"] = function() pixbuf.newBuffer(1, -1) end,
  ["#2 to 'newBuffer' (number expected, got no value)"] = function() pixbuf.newBuffer(1) end,
  ["pixbuf size limits exeeded"] = function() pixbuf.newBuffer(8193, 1) end,
  ["#1 to 'get' (index out of range)"] = function() buffer:get(3) end,
  ["#1 to 'set' (index out of range)"] = function() buffer:set(0, 1, 2, 3) end,
  ["#4 to 'set' (number expected, got no value)"] = function() buffer:set(1, 1, 2) end,
  ["#4 to 'set' (extra values given)"] = function() buffer:set(1, 1, 2, 3, 4) end,
  ["string size will exceed strip length"] = function() buffer:set(2, "abcdef") end,
  ["string does not contain whole LEDs"] = function() buffer:set(1, "ab") end,
  ["#1 to 'fill' (need as many values as colors per pixel)"] = function() buffer:fill(1, 2) end,
  ["#1 to 'fade' (fade value should be a strictly positive int)"] = function() buffer:fade(0) end,
  ["#1 to 'replace' (buffers have different channels)"] = function() buffer:replace(pixbuf.newBuffer(1, 4)) end,
  ["#1 to 'replace' (does not fit into destination)"] = function() buffer:replace("abcdef", 2) end,
  ["#1 to 'shift' (shifting more elements than buffer size)"] = function() buffer:shift(3) end,
  ["#1 to 'shift' (shifting more than sliced window)"] = function() buffer:shift(-2, 0, 1, 1) end,
  ["#2 to 'shift' (invalid shift type)"] = function() buffer:shift(1, 2) end,
  ["#4 to 'shift' (end position must be >= start)"] = function() buffer:shift(1, 0, 2, 1) end,
  ["#2 to 'mix' (buffer not same size or shape)"] = function() buffer:mix(1, pixbuf.newBuffer(2, 4)) end,
  ["#4 to 'mix' (pixbuf.buf expected, got string)"] = function() buffer:mix(1, buffer, 2, "") end,
  ["#1 to 'mix4I5' (Requires 4 channel pixbuf)"] = function() buffer:mix4I5(1, buffer) end,
  ["#2 to 'map' (Buffer limits out of order)"] = function() buffer:map(print, nil, 2, 1) end,
  ["#1 to 'map' (function expected, got no value)"] = function() buffer:map() end,
  ["#1 to 'map' (Output buffer wrong size)"] = function() buffer:map(print, pixbuf.newBuffer(3, 3)) end,
  ["#5 to 'map' (Second buffer too short)"] = function() buffer:map(print, nil, 1, 2, buffer, 2) end,
  ["#1 to 'concat' (can only concatenate"] = function() return buffer .. pixbuf.newBuffer(1, 1) end,
  ["#1 to 'size' (pixbuf.buf expected, got table)"] = function() buffer.size {} end,
  ["#1 to 'fadeI' (pixbuf.buf expected, got string)"] = function() buffer.fadeI "" end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end
assert(buffer:dump() == ("\0"):rep(6))

-- The largest buffer
assert(#pixbuf.newBuffer(8192, 32):dump() == 8192 * 32)

expect.finish()
