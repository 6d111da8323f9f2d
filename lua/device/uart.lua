-- uart: number 0 is the terminal of this machine, standard input and output. Number 1, which on the device sends
-- only and often drives a strip of lights, has nothing behind it.

local host = require "netmcu.host"
local prompt = require "netmcu.device.prompt"

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
  local port = ports[tonumber(id)]
  if not port then
    error(string.format("bad argument #1 to '%s' (uart %s does not exist)", caller, tostring(id)), 3)
  end
  return port
end

function uart.setup(id, baud, databits, parity, stopbits)
  local port = check_id(id, "setup")
  port.baud = math.floor(tonumber(baud) or port.baud)
  port.databits = databits or port.databits
  port.parity = parity or port.parity
  port.stopbits = stopbits or port.stopbits
  return port.baud
end

function uart.getconfig(id)
  local port = check_id(id, "getconfig")
  return port.baud, port.databits, port.parity, port.stopbits
end

local function bytes_of(value, position)
  if type(value) == "number" then
    if value < 0 or value > 255 then
      error(string.format("bad argument #%d to 'write' (number or string expected)", position), 3)
    end
    return string.char(value // 1 | 0)
  elseif type(value) ~= "string" then
    error(string.format("bad argument #%d to 'write' (number or string expected)", position), 3)
  end
  return value
end

function uart.write(id, ...)
  check_id(id, "write")
  local parts = {}
  for i = 1, select("#", ...) do
    parts[i] = bytes_of(select(i, ...), i + 1)
  end
  if tonumber(id) == 0 then
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
  if type(wanted) == "number" then
    wanted = wanted // 1 | 0
    if wanted < 0 or wanted >= MOST then
      error("bad argument #2 to 'on' (wrong arg range)", 3)
    end
    return wanted
  end
  if type(wanted) ~= "string" or #wanted ~= 1 then
    error("bad argument #2 to 'on' (wrong arg range)", 3)
  end
  return wanted
end

-- on("data" [, number | character] [, fn [, run_input]]); without fn it ends.
function uart.on(event, wanted, fn, run_input)
  if event ~= "data" then
    error("bad argument #1 to 'on' (method not supported)", 2)
  end
  if type(wanted) == "function" then
    wanted, fn, run_input = 0, wanted, fn
  end
  if type(fn) ~= "function" then
    active = nil
    prompt.serial(nil)
    return
  end
  active = {wanted = check_wanted(wanted), fn = fn}
  prompt.serial(collector(active), run_input ~= 0)
end

function uart.alt() end

-- Nothing waits: writing takes all at once, and what has arrived has been delivered.
function uart.fifodepth()
  return 0
end

return {api = uart}
