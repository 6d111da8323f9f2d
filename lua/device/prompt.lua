-- The Lua prompt of the device, which connects the terminal (uart 0), node.input and node.output.
--
-- There is one interpreter. It reads lines from the terminal and from node.input, runs each
-- complete chunk, and answers through device.write: on the terminal, or to the function that
-- node.output has set.

local host = require "netmcu.host"
local device = require "netmcu.device.init"

local prompt = {}

-- --- output ---

local PIECE = 1400 -- bytes for one call of a function: nearly a frame, and fits into the device's send buffer

-- The receiver of the output.
--   fn        the function of node.output
--   terminal  whether the terminal shows the output too
--   pipe      the pipe that fn reads. Older firmware calls fn(text) at once, the current one calls fn(pipe) if there
--             is output. Here fn gets a text at first, which has the methods of a pipe. Once fn uses one of them, it
--             gets a pipe.
--   given     the texts that fn was called with, while it may still read from them
--   busy      fn is running: what it prints itself goes to the terminal
local receiver
local redirecting = false -- whether node.output is in force; `receiver` stays, because its text may be read later

local GIVEN = 8192

local function become_pipe(state)
  state.pipe = device.module("pipe").create(state.fn)
  state.pipe:unread(state.given or "")
  return state.pipe
end

-- Adds a method of pipes to the texts that fn is called with. The pipe contains what fn was given.
local function text_method(name)
  device.script_string[name] = function(_, ...)
    if not receiver then
      return nil
    end
    local output = receiver.pipe or become_pipe(receiver)
    return output[name](output, ...)
  end
end

local function hand_over(state, text)
  state.busy = true
  local finished <close> = setmetatable({}, {__close = function() state.busy = false end})
  state.given = state.given and #state.given < GIVEN and state.given .. text
  local again = state.fn(text)
  -- If fn has left bytes in the pipe, it is called again, like the reader of a pipe.
  if state.pipe and state.pipe:nrec() > 0 and again ~= false then
    state.pipe:write(state.pipe:read(state.pipe:nrec() * 256))
  end
end

local function write_redirected(text, shown)
  local state = receiver
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

-- Sends the output to fn(text or pipe) from now on; nil ends this. Drops an incomplete chunk, so
-- that a client does not continue that of another one.
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
  receiver, redirecting = {fn = fn, terminal = terminal, given = ""}, true
  device.setwriter(write_redirected)
end

-- --- the interpreter ---

-- The lines of an incomplete chunk, in order.
--   size     their bytes
--   due      the size at which the chunk is compiled again although a block is open
--   nesting  takes a line, and returns whether a block is open; nil while this is not needed
local chunk = {size = 0, due = 0}
local show_prompt  -- shows the prompt if a line editor reads the terminal; otherwise nil
local is_shown_elsewhere = false -- on the page: without a terminal, nothing writes the prompt

function prompt.text()
  return #chunk == 0 and "> " or ">> "
end

local function ask()
  if show_prompt then
    show_prompt(prompt.text())
    if redirecting then
      write_redirected(prompt.text(), true)
    end
  elseif redirecting or not is_shown_elsewhere then
    device.write(prompt.text())
  end
end

-- The chunk returns nil before the values of the expression: otherwise a single call would be a
-- tail call, and its errors would name no place.
local function compile_expression(text)
  local compiled, message = device.load("return nil, " .. text, "=stdin", "t")
  return compiled, message, 2
end

-- Returns the compiled text or nil, a message, and the number of the first result to print.
local function compile(text)
  local expression = string.match(text, "^=(.*)")
  local compiled, message, first = compile_expression(expression or text)
  if compiled then
    return compiled, nil, first
  end
  if not expression then
    compiled, message = device.load(text, "=stdin", "t")
  else -- there is no value, only blanks or a comment
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

local SMALL = 4096 -- bytes: a smaller chunk is compiled after each line, so that an error shows at once

-- Adds a line, and returns whether to compile the chunk. Compiling after each line would take a
-- time that grows with the square of their number. So a large chunk is compiled if no block is
-- open, or if it has grown by a quarter, which finds errors inside a block.
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

-- Keeps an incomplete chunk for further lines.
local function keep(lines)
  chunk = lines
  if not lines.nesting then
    lines.nesting = require "netmcu.device.source".nesting()
    for _, line in ipairs(lines) do
      lines.nesting(line)
    end
  end
end

-- Takes one line, without its end.
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

-- Splits a stream into lines. A pair CR LF ends one line, even if it arrives in two pieces. Each
-- byte is looked at once, because a line, or a text of many lines, may have megabytes.
local function line_reader()
  local parts, forgotten = {}, false -- the pieces of the incomplete line
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

-- Older firmware takes each text as a line, the current one waits for the end of the line. To
-- support scripts for both, a text without an end is a line, with three exceptions: it continues a
-- line, it is a single character (from a terminal that sends each key), or it fills a frame (the
-- network has cut a line).
local function is_piece(text, continued)
  return continued or #text == 1 or #text % FRAME == 0 or string.find(text, "\n", 1, true)
end

-- Runs the text in the next loop iteration, as the device does, and not inside the caller.
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
local editing = false      -- whether a line editor reads standard input, and passes it to prompt.typed
local handler, runs_input  -- the function of uart.on, and whether the interpreter gets the bytes too
local reading = false

-- Takes bytes from the terminal; nil stands for its end.
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

-- Calls fn(bytes) for what arrives on the terminal, and fn(nil) at its end. A fn of nil ends this.
function prompt.serial(fn, run_input)
  handler, runs_input = fn, run_input
  update_reading()
end

-- The page shows prompt.text() itself.
function prompt.show_elsewhere()
  is_shown_elsewhere = not interactive
end

-- Starts the prompt on the terminal. With a line editor, calls show(text) instead of writing a
-- prompt; the editor passes its lines, with their ends, to prompt.typed.
function prompt.interactive(show)
  show_prompt, editing, interactive, is_shown_elsewhere = show, show ~= nil, true, false
  update_reading()
  ask()
end

return prompt
