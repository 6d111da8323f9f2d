-- ssd1306: a display of 128x64 pixels on I²C (Solomon Systech, SSD1306 data sheet, chapters 8 to 10);
-- SSD1309 is alike. With controller = "sh1106", an SH1106, whose memory has 132 columns of which the
-- display shows the middle ones.
--
-- The memory has eight pages of eight rows; a byte is eight pixels of a column. On the usual
-- modules, the picture is upright if columns and rows are remapped (commands A1 and C8). The
-- remapping of columns concerns bytes that are written after the command (section 10.1.8).

local host = require "netmcu.host"
local Screen = require "netmcu.parts.screen"

local Ssd1306 = Screen.class {
  kind = "ssd1306", bus = "i2c", addresses = {0x3c, 0x3d}, keys = "width height controller",
}

local PAGES, ROWS = 8, 64
local HORIZONTAL, VERTICAL = 0, 1

local function check_size(part, key, most)
  local size = part.settings[key]
  if size ~= nil and not (math.type(size) == "integer" and size >= 1 and size <= most) then
    error(string.format("part ssd1306: %s: an integer from 1 to %d expected", key, most), 0)
  end
end

local function check_settings(part)
  check_size(part, "width", 128)
  check_size(part, "height", ROWS)
  local controller = part.settings.controller
  if controller ~= nil and controller ~= "ssd1306" and controller ~= "sh1106" then
    error("part ssd1306: controller: ssd1306 or sh1106 expected", 0)
  end
end

-- The state after a reset. The memory is zeroed, to be the same in each run.
function Ssd1306:start()
  check_settings(self)
  self.memory, self.commands = {}, {}
  self.mode, self.page, self.column = 2, 0, 0
  self.range = {first_column = 0, last_column = 127, first_page = 0, last_page = PAGES - 1}
  self.start_line, self.offset, self.multiplex, self.contrast = 0, 0, ROWS - 1, 0x7f
  self.layout, self.scroll, self.scrolls_since, self.area = 0x12, nil, nil, {top = 0, rows = ROWS}
  self.is_on, self.is_inverted, self.is_all_on, self.turns_columns, self.turns_rows = false, false, false, false, false
  self:fit {}
  for i = 0, PAGES * 132 - 1 do
    self.memory[i] = 0
  end
end

-- Makes a part that the test has not described look like the display that u8g2 or u8g drives.
function Ssd1306:fit(type)
  self.controller = self.settings.controller or type.controller or "ssd1306"
  self.columns = self.controller == "sh1106" and 132 or 128
  self.width = self.settings.width or type.columns or 128
  self.left = (self.columns - self.width) // 2
  if self.width == 96 then
    self.left = 0 -- the modules of 96x16
  end
end

-- --- commands: a function for the first byte, and how many bytes follow ---

local sizes = {
  [0x20] = 1, [0x21] = 2, [0x22] = 2, [0x26] = 6, [0x27] = 6, [0x29] = 5, [0x2a] = 5, [0x81] = 1, [0x8d] = 1, [0xa3] = 2,
  [0xa8] = 1, [0xad] = 1, [0xd3] = 1, [0xd5] = 1, [0xd9] = 1, [0xda] = 1, [0xdb] = 1,
}

local function set_page_range(self, first, last)
  self.range.first_page, self.range.last_page = first & 7, last & 7
  self.page = first & 7
end

local function set_column_range(self, first, last)
  self.range.first_column, self.range.last_column = first & 127, last & 127
  self.column = first & 127
end

-- How many frames a step of a scroll takes (section 10.2.1).
local intervals = {[0] = 5, 64, 128, 256, 3, 4, 25, 2}

-- `across` is the number of columns by which a step moves the pages to the right, and `up` that of
-- rows.
local function set_scroll(across)
  return function(self, _, first, interval, last, up)
    self.scroll = {across = across, up = up & 63, first = first & 7, last = last & 7, frames = intervals[interval & 7]}
  end
end

local actions = {
  [0x20] = function(self, mode) self.mode = mode & 3 end,
  [0x21] = set_column_range,
  [0x22] = set_page_range,
  [0x26] = function(self, a, first, interval, last) set_scroll(1)(self, a, first, interval, last, 0) end,
  [0x27] = function(self, a, first, interval, last) set_scroll(-1)(self, a, first, interval, last, 0) end,
  [0x29] = set_scroll(1),
  [0x2a] = set_scroll(-1),
  [0x2e] = function(self) self.scrolls_since = nil end,
  [0x2f] = function(self) self.scrolls_since = host.now() end,
  [0x81] = function(self, contrast) self.contrast = contrast end,
  [0xa0] = function(self) self.turns_columns = false end,
  [0xa1] = function(self) self.turns_columns = true end,
  [0xa3] = function(self, top, rows) self.area = {top = top & 63, rows = math.max(1, rows & 127)} end,
  [0xa4] = function(self) self.is_all_on = false end,
  [0xa5] = function(self) self.is_all_on = true end,
  [0xa6] = function(self) self.is_inverted = false end,
  [0xa7] = function(self) self.is_inverted = true end,
  [0xa8] = function(self, ratio) self.multiplex = math.max(15, ratio & 63) end,
  [0xae] = function(self) self.is_on = false end,
  [0xaf] = function(self) self.is_on = true end,
  [0xd3] = function(self, offset) self.offset = offset & 63 end,
  [0xda] = function(self, layout) self.layout = layout end,
}

-- The commands whose lowest bits are their value. Real chips take page and column in each mode.
local function run_short(self, code)
  if code < 0x10 then
    self.column = self.column & 0xf0 | code
  elseif code < 0x20 then
    self.column = self.column & 0x0f | (code & 15) << 4
  elseif code >= 0x40 and code < 0x80 then
    self.start_line = code & 63
  elseif code >= 0xb0 and code < 0xb8 then
    self.page = code & 7
  elseif code & 0xf0 == 0xc0 then
    self.turns_rows = code & 8 ~= 0
  end
end

local function take_command(self, byte)
  local command = self.commands
  command[#command + 1] = byte
  local code = command[1]
  if #command > (sizes[code] or 0) then
    self.commands = {}
    if actions[code] then
      actions[code](self, table.unpack(command, 2))
    elseif not sizes[code] then
      run_short(self, code)
    end
  end
end

-- --- data ---

local function next_page(self)
  local range = self.range
  self.page = self.page == range.last_page and range.first_page or (self.page + 1) % PAGES
end

local function advance(self)
  local range = self.range
  if self.controller == "ssd1306" and self.mode == VERTICAL then
    next_page(self)
    if self.page == range.first_page then
      self.column = self.column == range.last_column and range.first_column or (self.column + 1) % self.columns
    end
  elseif self.controller == "ssd1306" and self.mode == HORIZONTAL and self.column == range.last_column then
    self.column = range.first_column
    next_page(self)
  else
    self.column = (self.column + 1) % self.columns
  end
end

local function take_data(self, byte)
  local column = self.column % self.columns
  self.memory[self.page * self.columns + (self.turns_columns and column or self.columns - 1 - column)] = byte
  advance(self)
end

-- Takes a byte from a bus.
function Ssd1306:take(is_data, byte)
  (is_data and take_data or take_command)(self, byte)
end

-- --- I²C: a control byte says what follows: one byte (bit 7) or all; commands or data (bit 6) ---

function Ssd1306:begin(is_read)
  self.control = nil
  return not is_read or true
end

function Ssd1306:receive(byte)
  if not self.control then
    self.control = byte
    return true
  end
  self:take(self.control & 0x40 ~= 0, byte)
  if self.control & 0x80 ~= 0 then
    self.control = nil
  end
  return true
end

-- The status: bit 6 is set while the display is off.
function Ssd1306:send()
  return self.is_on and 0 or 0x40
end

-- --- the picture ---

function Ssd1306:size()
  return self.width, self.settings.height or self.multiplex + 1
end

-- Returns the output of the controller for a row of the display, counted from below (section
-- 10.1.18). The rows of displays that are higher than 32 are wired to its two sides in turns. If the
-- test has not said how high the display is, its wiring is that for which the script sets the
-- controller up.
local function output_of(self, row)
  local height = self.settings.height
  if not height then
    return row
  end
  local pin = height > 32 and row // 2 + row % 2 * 32 or row
  pin = self.layout & 0x20 ~= 0 and pin ~ 32 or pin
  return self.layout & 0x10 ~= 0 and pin % 32 * 2 + pin // 32 or pin
end

local FRAME = 9300 -- µs, typical

-- Returns the column and the row of the memory that a scroll shows in place of these.
local function scrolled(self, column, row)
  local scroll, area = self.scroll, self.area
  local steps = (host.now() - self.scrolls_since) // (scroll.frames * FRAME)
  if row >= area.top and row < area.top + area.rows then
    row = (area.top + (row - area.top + steps * scroll.up) % area.rows) % ROWS
  end
  if row >> 3 >= scroll.first and row >> 3 <= scroll.last then
    column = (column - steps * scroll.across) % self.columns
  end
  return column, row
end

-- Returns whether a pixel is lit.
function Ssd1306:is_lit(x, y)
  local output = output_of(self, select(2, self:size()) - 1 - y)
  if not self.is_on or output > self.multiplex then
    return false
  elseif self.is_all_on then
    return true
  end
  local column, row = self.left + x, self.turns_rows and self.multiplex - output or output
  row = (row + self.start_line + self.offset) % ROWS
  if self.scrolls_since and self.scroll then
    column, row = scrolled(self, column, row)
  end
  return (self.memory[(row >> 3) * self.columns + column] >> (row & 7) & 1 == 1) ~= self.is_inverted
end

function Ssd1306:pixel(x, y)
  return self:is_lit(x, y) and 0xffffff or 0
end

return Ssd1306
