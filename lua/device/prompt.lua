-- The Lua prompt of the device: the terminal (uart 0), node.input and node.output all meet here.
--
-- There is one interpreter. It takes lines, from the terminal and from node.input, runs each complete chunk, and
-- answers through device.write: to the terminal, or to the function that node.output has set.

local host = require "netmcu.host"
local device = require "netmcu.device.init"

local prompt = {}

-- --- output ---

-- Large enough for a frame, small enough for the send buffer of the device.
local PIECE = 1400

-- Who takes the output: fn, whether the terminal shows it too, and
--   pipe   once fn has read from what it was given, as the current firmware's functions do; fn(pipe) is then
--          called when there is output. Before that fn(text) is called, as older firmware did, at once; the text can
--          be read from like a pipe.
--   given  the texts fn was called with, while it may still turn out to read them like a pipe, later
--   busy   fn is running; what it prints itself goes to the terminal
local taker
local redirecting = false -- what it was given last may be read after that has ended

local GIVEN = 8192

local function become_pipe(state)
  state.pipe = device.module("pipe").create(state.fn)
  state.pipe:unread(state.given or "")
  return state.pipe
end

-- The methods of a pipe, for the text that fn is called with. What fn was given is still in the pipe then.
local function text_method(name)
  device.script_string[name] = function(_, ...)
    if not taker then
      return nil
    end
    local output = taker.pipe or become_pipe(taker)
    return output[name](output, ...)
  end
end

local function hand_over(state, text)
  state.busy = true
  local finished <close> = setmetatable({}, {__close = function() state.busy = false end})
  state.given = state.given and #state.given < GIVEN and state.given .. text
  local again = state.fn(text)
  -- A reader that was not done with it is called again, as a pipe's reader is.
  if state.pipe and state.pipe:nrec() > 0 and again ~= false then
    state.pipe:write(state.pipe:read(state.pipe:nrec() * 256))
  end
end

local function redirected(text, shown)
  local state = taker
  if (state.terminal or state.busy) and not shown then
    host.write(text)
  end
  if state.busy then
    return
  end
  local from = 1
  while from <= #text and not state.pipe do
    hand_over(state, string.sub(text, from, from + PIECE - 1))
    from = from + PIECE
  end
  if state.pipe and from <= #text then
    state.pipe:write(string.sub(text, from))
  end
end

-- fn(text or pipe) takes the output from here on, nil ends that. A client that comes or goes leaves no half line.
function prompt.redirect(fn, terminal)
  prompt.forget()
  if fn == nil then
    redirecting = false
    device.setwriter(nil)
    return
  end
  if not rawget(device.script_string, "nrec") then
    for _, name in ipairs {"read", "reader", "write", "unread", "nrec"} do
      text_method(name)
    end
  end
  taker, redirecting = {fn = fn, terminal = terminal, given = ""}, true
  device.setwriter(redirected)
end

-- --- the interpreter ---

-- The lines of a chunk, in order, until it is complete.
--   size     how many bytes they have
--   due      at how many bytes the compiler looks at it again, although a block is open
--   nesting  says whether a block is open; nil while that is not needed
local chunk = {size = 0, due = 0}
local show_prompt  -- the terminal's way to show it when a line editor is at work

function prompt.text()
  return #chunk == 0 and "> " or ">> "
end

local function ask()
  if show_prompt then
    show_prompt(prompt.text())
    if redirecting then
      redirected(prompt.text(), true)
    end
  else
    device.write(prompt.text())
  end
end

-- The values of an expression are those from the second on: a call alone would be a tail call, its errors without a place.
local function compile_expression(text)
  local compiled, message = device.load("return nil, " .. text, "=stdin", "t")
  return compiled, message, 2
end

-- The compiled text or nil, a message, which of its results is the first to be printed.
local function compile(text)
  local expression = string.match(text, "^=(.*)")
  local compiled, message, first = compile_expression(expression or text)
  if compiled then
    return compiled, nil, first
  end
  if not expression then
    compiled, message = device.load(text, "=stdin", "t")
  else -- no value at all: blanks, a comment
    compiled = device.load("return " .. expression, "=stdin", "t")
  end
  return compiled, message, 1
end

local function traceback(message)
  if type(message) ~= "string" and type(message) ~= "number" then
    local meta = debug.getmetatable(message)
    message = meta and meta.__tostring and tostring(message) or "(error object is a " .. type(message) .. " value)"
  end
  return host.traceback(message, 2)
end

local function answer(first, ok, ...)
  if not ok then
    device.write(tostring((...)) .. "\n")
  elseif select("#", ...) >= first then
    local done, message = pcall(_G.print, select(first, ...))
    if not done then
      device.write("error calling 'print' (" .. tostring(message) .. ")\n")
    end
  end
end

local SMALL = 4096 -- bytes of a chunk that is compiled after each line, so that an error shows at once

-- Adds a line, and returns whether the chunk may be complete. A chunk that was compiled after each of its lines would take a
-- time that grows with the square of their number. So a large one is compiled when no block is open any more, and meanwhile
-- whenever it has grown by a quarter, which finds errors inside a block.
local function add_line(line)
  chunk[#chunk + 1] = line
  chunk.size = chunk.size + #line + 1
  local is_open = chunk.nesting and chunk.nesting(line)
  if is_open and chunk.size > SMALL and chunk.size < chunk.due then
    return false
  end
  chunk.due = chunk.size + chunk.size // 4
  return true
end

-- Keeps an incomplete chunk for the lines to come.
local function keep(lines)
  chunk = lines
  if not lines.nesting then
    lines.nesting = require "netmcu.device.source".nesting()
    for _, line in ipairs(lines) do
      lines.nesting(line)
    end
  end
end

-- One line, without its end.
function prompt.line(line)
  if add_line(line) then
    local lines = chunk
    local text = table.concat(lines, "\n")
    chunk = {size = 0, due = 0}
    if string.find(text, "%S") then
      local compiled, message, first = compile(text)
      if compiled then
        answer(first, xpcall(compiled, traceback))
      elseif string.find(message, "<eof>$") then
        keep(lines)
      else
        answer(first, false, message)
      end
    end
  end
  ask()
end

-- Splits a stream into lines. A pair CR LF ends one line, also when it comes in two pieces. Nothing is looked at twice: a
-- line, and a text of many lines, may be megabytes.
local function line_reader()
  local parts, forgotten = {}, false -- the pieces of the line that has no end yet
  local reader = {}

  local function take_line()
    local line = table.concat(parts)
    parts = {}
    return string.byte(line, -1) == 13 and string.sub(line, 1, -2) or line
  end

  function reader.feed(text)
    local from, stop = 1, string.find(text, "\n", 1, true)
    forgotten = false
    while stop and not forgotten do
      parts[#parts + 1] = string.sub(text, from, stop - 1)
      from = stop + 1
      stop = string.find(text, "\n", from, true)
      prompt.line(take_line())
    end
    if not forgotten and from <= #text then
      parts[#parts + 1] = string.sub(text, from)
    end
  end

  function reader.flush()
    local line = table.concat(parts)
    parts = {}
    if line ~= "" then
      prompt.line(line)
    end
  end

  function reader.pending()
    return #parts > 0
  end

  function reader.forget()
    parts, forgotten = {}, true
  end

  return reader
end

-- --- node.input ---

local remote = line_reader()
local FRAME = 1460

-- Older firmware took every text for a line, the current one waits for the line's end. Both kinds of script are
-- served: a text without an end is a line, unless it continues one, or is a single character (a terminal that sends
-- them one by one), or fills a frame (a line that was cut by the network).
local function is_piece(text, continued)
  return continued or #text == 1 or #text % FRAME == 0 or string.find(text, "\n", 1, true)
end

-- Runs the text in the next turn, as the device does, not inside the caller.
function prompt.input(text)
  host.post(function()
    local continued = remote.pending()
    remote.feed(text)
    if not is_piece(text, continued) then
      remote.flush()
    end
  end)
end

function prompt.forget()
  chunk = {size = 0, due = 0}
  remote.forget()
end

-- --- the terminal ---

local terminal = line_reader()
local interactive = false
local editing = false      -- a line editor has standard input, and gives what was typed to prompt.typed
local handler, runs_input  -- uart.on's function, and whether the interpreter sees its bytes too
local reading = false

-- What came from the terminal; nil at its end.
function prompt.typed(bytes)
  local interpreted = interactive
  if handler then
    interpreted = runs_input
    handler(bytes)
  end
  if bytes == nil then
    reading = false
    terminal.flush()
  elseif interpreted then
    terminal.feed(bytes)
  end
end

local function update_reading()
  local wanted = not editing and (interactive or handler ~= nil)
  if wanted ~= reading then
    reading = wanted
    host.stdin(wanted and prompt.typed or nil)
  end
end

-- fn(bytes | nil at the end) sees what arrives on the terminal; nil ends that.
function prompt.serial(fn, run_input)
  handler, runs_input = fn, run_input
  update_reading()
end

-- Offers the prompt on the terminal. With a line editor, show(text) is called whenever a prompt is due in place of
-- writing it, and the editor gives its lines, ends included, to prompt.typed.
function prompt.interactive(show)
  show_prompt, editing, interactive = show, show ~= nil, true
  update_reading()
  ask()
end

return prompt
