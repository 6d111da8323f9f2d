-- Encodes pictures as PNG files (RFC 2083). The data is stored without compression, in blocks of
-- the format deflate (RFC 1951).

local png = {}

local LARGEST_BLOCK = 65535

local crcs = {}
for byte = 0, 255 do
  local crc = byte
  for _ = 1, 8 do
    crc = crc & 1 == 1 and crc >> 1 ~ 0xedb88320 or crc >> 1
  end
  crcs[byte] = crc
end

local function crc32(text)
  local crc = 0xffffffff
  for i = 1, #text do
    crc = crc >> 8 ~ crcs[(crc ~ string.byte(text, i)) & 255]
  end
  return crc ~ 0xffffffff
end

local function adler32(text)
  local a, b = 1, 0
  for i = 1, #text do
    a = a + string.byte(text, i)
    b = b + a
    if i % 4096 == 0 then -- the sums would exceed an integer much later
      a, b = a % 65521, b % 65521
    end
  end
  return b % 65521 << 16 | a % 65521
end

local function chunk(kind, data)
  return string.pack(">I4", #data) .. kind .. data .. string.pack(">I4", crc32(kind .. data))
end

local function store(data)
  local blocks = {"\x78\x01"}
  for start = 1, #data, LARGEST_BLOCK do
    local block = string.sub(data, start, start + LARGEST_BLOCK - 1)
    local is_last = start + #block > #data
    blocks[#blocks + 1] = string.pack("<BI2I2", is_last and 1 or 0, #block, #block ~ 0xffff) .. block
  end
  blocks[#blocks + 1] = string.pack(">I4", adler32(data))
  return table.concat(blocks)
end

-- Returns the file for a list of colours, 0xRRGGBB, row by row; each becomes a square of `scale`
-- pixels.
function png.encode(width, height, pixels, scale)
  local rows = {}
  for y = 0, height - 1 do
    local row = {"\0"} -- no filter
    for x = 1, width do
      row[#row + 1] = string.rep(string.pack(">I3", pixels[y * width + x]), scale)
    end
    rows[#rows + 1] = string.rep(table.concat(row), scale)
  end
  local header = string.pack(">I4I4BBBBB", width * scale, height * scale, 8, 2, 0, 0, 0)
  return "\x89PNG\r\n\x1a\n" .. chunk("IHDR", header) .. chunk("IDAT", store(table.concat(rows))) .. chunk("IEND", "")
end

return png
