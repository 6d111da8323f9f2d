-- Texts about as long as a frame, whose memory the program uses again and again, keep their content.

local function text_of(size, round)
  return string.rep(string.char(32 + (size + round) % 64), size)
end

local kept = {}
for round = 1, 3 do
  for size = 900, 1700 do
    kept[size] = text_of(size, round)
  end
  for size = 900, 1700, 2 do
    kept[size] = nil
  end
  collectgarbage()
  for size = 901, 1700, 2 do
    assert(kept[size] == text_of(size, round), size)
  end
end

-- a buffer that grows through these sizes
for count = 100, 200 do
  local parts = {}
  for i = 1, count do
    parts[i] = text_of(10, i)
  end
  local text = table.concat(parts)
  for i = 1, count do
    assert(string.sub(text, i * 10 - 9, i * 10) == parts[i])
  end
end
