-- part:save writes a PNG file that shows what is on a display or a strip.

local netmcu = require "netmcu"
local expect = require "expect"

-- Reads the chunks of a file. The checksums are compared with those of zlib.
local function chunks(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  os.remove(path)
  assert(text:sub(1, 8) == "\x89PNG\r\n\x1a\n")
  local found, at = {}, 9
  while at <= #text do
    local size = (">I4"):unpack(text, at)
    local kind = text:sub(at + 4, at + 7)
    found[kind] = {data = text:sub(at + 8, at + 7 + size), sum = (">I4"):unpack(text, at + 8 + size)}
    at = at + 12 + size
  end
  return found
end

-- Returns the data of blocks that are stored.
local function inflate(text)
  assert(text:sub(1, 2) == "\x78\x01")
  local blocks, at, is_last = {}, 3, 0
  while is_last == 0 do
    local size, complement
    is_last, size, complement, at = ("<BI2I2"):unpack(text, at)
    assert(size ~ complement == 0xffff)
    blocks[#blocks + 1] = text:sub(at, at + size - 1)
    at = at + size
  end
  return table.concat(blocks), (">I4"):unpack(text, at), at + 4 - #text
end

local strip = netmcu.part "ws2812"
expect.raises("part ws2812: nothing has been drawn yet", strip.save, strip, "x.png")
ws2812.init()
ws2812.write "\1\2\3\4\5\6"
local path = os.tmpname()
expect.nothing(strip:save(path, 2))
local found = chunks(path)
assert(found.IHDR.data == (">I4I4"):pack(4, 2) .. "\8\2\0\0\0" and found.IEND.sum == 0xae426082 and found.IEND.data == "")
local data, adler, rest = inflate(found.IDAT.data)
local row = "\0\2\1\3\2\1\3\5\4\6\5\4\6"
assert(data == row .. row and rest == 1)
assert(adler == 0x03ea0055, adler)
assert(found.IDAT.sum == 0xce9d2914, found.IDAT.sum)

-- A display is enlarged to be readable; its data takes several blocks.
local display = netmcu.part "ssd1306"
local drawing = u8g2.ssd1306_i2c_128x64_noname(0, 0x3c)
drawing:drawPixel(127, 63)
drawing:sendBuffer()
display:save(path)
found = chunks(path)
assert(found.IHDR.data:sub(1, 8) == (">I4I4"):pack(512, 256))
data, adler, rest = inflate(found.IDAT.data)
assert(#data == 256 * (1 + 512 * 3) and rest == 1 and data:sub(-12) == ("\xff"):rep(12) and data:sub(-13, -13) == "\0")
assert(adler == 0xe91b2fd1)

local done, problem = pcall(display.save, display, "/nowhere/x.png")
assert(not done and problem:find "/nowhere/x.png")

expect.finish()
