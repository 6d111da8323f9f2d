-- The shapes that u8g2, u8g and ucg draw, on a canvas. A canvas has
--   width, height   its size, which bounds all loops
--   put(x, y)       draws a pixel in the current colour; those outside are ignored
-- All coordinates are integers of 16 bits.

local shapes = {}

local UPPER_RIGHT, UPPER_LEFT, LOWER_LEFT, LOWER_RIGHT = 1, 2, 4, 8

shapes.options = {
  DRAW_UPPER_RIGHT = UPPER_RIGHT, DRAW_UPPER_LEFT = UPPER_LEFT, DRAW_LOWER_LEFT = LOWER_LEFT,
  DRAW_LOWER_RIGHT = LOWER_RIGHT, DRAW_ALL = 15,
}

local quadrants = {[UPPER_RIGHT] = {1, -1}, [UPPER_LEFT] = {-1, -1}, [LOWER_LEFT] = {-1, 1}, [LOWER_RIGHT] = {1, 1}}

function shapes.pixel(canvas, x, y)
  canvas:put(x, y)
end

function shapes.box(canvas, x, y, width, height)
  local left, right = math.max(x, 0), math.min(x + width, canvas.width) - 1
  local top, bottom = math.max(y, 0), math.min(y + height, canvas.height) - 1
  for row = top, left <= right and bottom or -1 do
    for column = left, right do
      canvas:put(column, row)
    end
  end
end

function shapes.hline(canvas, x, y, width)
  shapes.box(canvas, x, y, width, 1)
end

function shapes.vline(canvas, x, y, height)
  shapes.box(canvas, x, y, 1, height)
end

function shapes.frame(canvas, x, y, width, height)
  shapes.hline(canvas, x, y, width)
  if height >= 2 then
    shapes.hline(canvas, x, y + height - 1, width)
    shapes.vline(canvas, x, y + 1, height - 2)
    if width >= 2 then
      shapes.vline(canvas, x + width - 1, y + 1, height - 2)
    end
  end
end

-- Calls visit(x, y, step, steps) for each pixel of a line.
function shapes.walk(x, y, x2, y2, visit)
  local width, height = math.abs(x2 - x), math.abs(y2 - y)
  local steps = math.max(width, height)
  local step_x, step_y = x < x2 and 1 or -1, y < y2 and 1 or -1
  local error_x, error_y = steps // 2, steps // 2
  for step = 0, steps do
    visit(x, y, step, steps)
    error_x, error_y = error_x - width, error_y - height
    if error_x < 0 then
      x, error_x = x + step_x, error_x + steps
    end
    if error_y < 0 then
      y, error_y = y + step_y, error_y + steps
    end
  end
end

function shapes.line(canvas, x, y, x2, y2)
  shapes.walk(x, y, x2, y2, function(column, row) canvas:put(column, row) end)
end

-- Calls visit(x, y) for an eighth of a circle around 0,0: those with y >= x >= 0.
local function walk_octant(radius, visit)
  local x, y, excess = 0, radius, 1 - radius
  while x <= y do
    visit(x, y)
    x = x + 1
    if excess < 0 then
      excess = excess + 2 * x + 1
    else
      y = y - 1
      excess = excess + 2 * (x - y) + 1
    end
  end
end

local function each_quadrant(options, visit)
  for option, signs in pairs(quadrants) do
    if options & option ~= 0 then
      visit(signs[1], signs[2])
    end
  end
end

function shapes.circle(canvas, x, y, radius, options)
  each_quadrant(options or 15, function(right, down)
    walk_octant(radius, function(a, b)
      canvas:put(x + right * a, y + down * b)
      canvas:put(x + right * b, y + down * a)
    end)
  end)
end

-- Draws a vertical line of this many pixels from y in one direction.
local function column(canvas, x, y, down, height)
  shapes.vline(canvas, x, down > 0 and y or y - height + 1, height)
end

function shapes.disc(canvas, x, y, radius, options)
  each_quadrant(options or 15, function(right, down)
    walk_octant(radius, function(a, b)
      column(canvas, x + right * a, y, down, b + 1)
      column(canvas, x + right * b, y, down, a + 1)
    end)
  end)
end

-- Returns how far an ellipse reaches in one direction, at a distance in the other.
local function reach(distance, radius, other)
  return radius == 0 and other or math.floor(other * math.sqrt(1 - (distance / radius) ^ 2) + 0.5)
end

function shapes.ellipse(canvas, x, y, radius_x, radius_y, options)
  each_quadrant(options or 15, function(right, down)
    local drawn = {}
    local function put(a, b)
      if not drawn[a << 16 | b] then
        drawn[a << 16 | b] = true
        canvas:put(x + right * a, y + down * b)
      end
    end
    for a = 0, radius_x do
      put(a, reach(a, radius_x, radius_y))
    end
    for b = 0, radius_y do
      put(reach(b, radius_y, radius_x), b)
    end
  end)
end

function shapes.filled_ellipse(canvas, x, y, radius_x, radius_y, options)
  each_quadrant(options or 15, function(right, down)
    for a = 0, radius_x do
      column(canvas, x + right * a, y, down, reach(a, radius_x, radius_y) + 1)
    end
  end)
end

-- Draws the four corners of a rectangle by `arc`.
local function corners(canvas, arc, x, y, width, height, radius)
  local right, lower = x + width - radius - 1, y + height - radius - 1
  arc(canvas, x + radius, y + radius, radius, UPPER_LEFT)
  arc(canvas, right, y + radius, radius, UPPER_RIGHT)
  arc(canvas, x + radius, lower, radius, LOWER_LEFT)
  arc(canvas, right, lower, radius, LOWER_RIGHT)
end

function shapes.rframe(canvas, x, y, width, height, radius)
  corners(canvas, shapes.circle, x, y, width, height, radius)
  local across, down = width - 2 * radius - 2, height - 2 * radius - 2
  for i = 0, 1 do
    shapes.hline(canvas, x + radius + 1, y + i * (height - 1), across)
    shapes.vline(canvas, x + i * (width - 1), y + radius + 1, down)
  end
end

function shapes.rbox(canvas, x, y, width, height, radius)
  corners(canvas, shapes.disc, x, y, width, height, radius)
  local across = width - 2 * radius - 2
  shapes.box(canvas, x + radius + 1, y, across, radius + 1)
  shapes.box(canvas, x + radius + 1, y + height - radius - 1, across, radius + 1)
  shapes.box(canvas, x, y + radius + 1, width, height - 2 * radius - 2)
end

-- Extends the span of a row by where the edge between two corners crosses it.
local function cross(span, row, x, y, x2, y2)
  if row >= math.min(y, y2) and row <= math.max(y, y2) then
    local from = y == y2 and x or x + (x2 - x) * (row - y) / (y2 - y)
    local to = y == y2 and x2 or from
    span.left = math.min(span.left, math.floor(math.min(from, to) + 0.5))
    span.right = math.max(span.right, math.floor(math.max(from, to) + 0.5))
  end
end

-- Fills a convex polygon, whose corners are x, y, x, y …
function shapes.polygon(canvas, ...)
  local corner, top, bottom = {...}, math.huge, -1
  for i = 2, #corner, 2 do
    top, bottom = math.min(top, corner[i]), math.max(bottom, corner[i])
  end
  for row = math.max(top, 0), math.min(bottom, canvas.height - 1) do
    local span = {left = math.maxinteger, right = math.mininteger}
    for i = 1, #corner, 2 do
      local after = i + 2 > #corner and 1 or i + 2
      cross(span, row, corner[i], corner[i + 1], corner[after], corner[after + 1])
    end
    shapes.hline(canvas, span.left, row, span.right - span.left + 1)
  end
end

shapes.triangle = shapes.polygon

-- Calls visit(x, y, bit) for each pixel of a bitmap. Its rows begin with a new byte; bytes that are
-- missing at its end are 0. `bit_of` returns a bit of a byte.
local function each_bit(canvas, x, y, width, height, text, bit_of, visit)
  local size = (width + 7) // 8
  for row = math.max(0, -y), math.min(height, canvas.height - y) - 1 do
    for column_in = math.max(0, -x), math.min(width, canvas.width - x) - 1 do
      local byte = string.byte(text, row * size + column_in // 8 + 1) or 0
      visit(x + column_in, y + row, bit_of(byte, column_in % 8))
    end
  end
end

-- An XBM: the lowest bit of a byte is the leftmost pixel.
function shapes.xbm(canvas, x, y, width, height, text, visit)
  each_bit(canvas, x, y, width, height, text, function(byte, i) return byte >> i & 1 end, visit)
end

-- The highest bit of a byte is the leftmost pixel.
function shapes.bitmap(canvas, x, y, width, height, text, visit)
  each_bit(canvas, x, y, width, height, text, function(byte, i) return byte >> (7 - i) & 1 end, visit)
end

return shapes
