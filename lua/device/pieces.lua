-- Bytes that arrive in pieces of any size, for a decoder that takes them from the front. This file
-- does no I/O.
--
--   local input = pieces.new()
--   input:add(text)
--   input:has(size)    returns whether there are so many bytes; if so, they are in input.text from
--                      input.at on
--   input:drop(size)   takes the first bytes away, which has() has found
--   input.size         how many bytes there are

local Pieces = {}
Pieces.__index = Pieces

function Pieces:add(text)
  self.added[#self.added + 1] = text
  self.size = self.size + #text
end

-- A piece may be as short as a byte, so pieces are joined only when there are enough of them.
function Pieces:has(size)
  if size > self.size then
    return false
  elseif size > #self.text - self.at + 1 then
    self.text, self.at = string.sub(self.text, self.at) .. table.concat(self.added), 1
    self.added = {}
  end
  return true
end

function Pieces:drop(size)
  self.at, self.size = self.at + size, self.size - size
end

local function new()
  return setmetatable({added = {}, text = "", at = 1, size = 0}, Pieces)
end

return {new = new}
