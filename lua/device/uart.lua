-- uart: number 0 is the terminal of this machine, standard input and output. Number 1, which only
-- sends on the device and often drives a strip of lights, is not connected to anything.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"

local uart = {
  STOPBITS_1 = 1, STOPBITS_1_5 = 2, STOPBITS_2 = 3, PARITY_NONE = 0, PARITY_EVEN = 2, PARITY_ODD = 3,
  DIR_RX = 0, DIR_TX = 1,
}

local MOST = 255 -- bytes that the device collects for one call

local function config(baud)
  return {baud = baud, databits = 8, parity = uart.PARITY_NONE, stopbits = uart.STOPBITS_1}
end

local ports = {[0] = config(115200), config(115200)}

local function check_id(id, caller)
  id = argument.integer(id, 1, caller)
  if not ports[id] then
    argument.raise(string.format("uart %d does not exist", id))
  end
  return ports[id], id
end

function uart.setup(id, baud, databits, parity, stopbits)
  local port = check_id(id, "setup")
  baud, databits = argument.integer(baud, 2, "setup"), argument.integer(databits, 3, "setup")
  parity, stopbits = argument.integer(parity, 4, "setup"), argument.integer(stopbits, 5, "setup")
  port.baud, port.databits, port.parity, port.stopbits = baud, databits, parity, stopbits
  return port.baud
end

function uart.getconfig(id)
  local port = check_id(id, "getconfig")
  return port.baud, port.databits, port.parity, port.stopbits
end

local function bytes_of(value, position)
  if type(value) ~= "number" then
    return argument.typed(value, position, "write", "string")
  end
  local byte = argument.integer(value, position, "write")
  if byte < 0 or byte > 255 then
    argument.raise "invalid number"
  end
  return string.char(byte)
end

function uart.write(id, ...)
  local _, number = check_id(id, "write")
  local parts = {}
  for i = 1, select("#", ...) do
    parts[i] = bytes_of(select(i, ...), i + 1)
  end
  if number == 0 then
    host.write(table.concat(parts))
  end
end

-- How many of the bytes from `from` on make the next call, or nil if there are not enough yet.
local function cut(pending, from, wanted)
  local count = #pending - from + 1
  if count == 0 then
    return nil
  elseif wanted == 0 then
    return count
  elseif type(wanted) == "number" then
    return count >= wanted and wanted or nil
  end
  local found = string.find(pending, wanted, from, true)
  if found and found - from < MOST then
    return found - from + 1
  end
  return count >= MOST and MOST or nil
end

local active -- the registration that is in force; a call may replace or end it

local function collector(registration)
  local pending, from = "", 1
  return function(bytes)
    pending, from = string.sub(pending, from) .. (bytes or ""), 1
    local size = cut(pending, from, registration.wanted)
    -- At the end of the input, a last line without its end is not kept back.
    while (size or bytes == nil and from <= #pending) and active == registration do
      local last = size and from + size - 1 or #pending
      local piece = string.sub(pending, from, last)
      from = last + 1
      registration.fn(piece)
      size = cut(pending, from, registration.wanted)
    end
  end
end

local function check_wanted(wanted)
  local is_right = type(wanted) == "string" and #wanted == 1
  if type(wanted) == "number" then
    wanted = argument.integer(wanted, 2, "on")
    is_right = wanted >= 0 and wanted <= MOST
  end
  if not is_right then
    argument.raise "wrong arg range"
  end
  return wanted
end

-- on("data" [, number | character] [, fn [, run_input]]). Without fn, the registration ends.
function uart.on(event, wanted, fn, run_input)
  if argument.text(event, 1, "on") ~= "data" then
    argument.raise "method not supported"
  end
  if type(wanted) == "number" or type(wanted) == "string" then
    wanted = check_wanted(wanted)
  else
    wanted, fn, run_input = 0, wanted, fn
  end
  if type(fn) ~= "function" then
    active = nil
    require "netmcu.device.prompt".serial(nil)
    return
  end
  active = {wanted = wanted, fn = fn}
  require "netmcu.device.prompt".serial(collector(active), tonumber(run_input) ~= 0)
end

function uart.alt(set)
  argument.integer(set, 1, "alt")
end

-- Nothing waits: a write passes everything on at once, and everything that has arrived has been
-- delivered.
function uart.fifodepth(id)
  check_id(id, "fifodepth")
  return 0
end

return {api = uart}
