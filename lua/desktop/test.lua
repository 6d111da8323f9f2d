-- Tests of device scripts: named tests with results as TAP, counted callbacks, the script under
-- test. docs/testing.md tells how they are used, in `netmcu --test` and in any other Lua program.

local host = require "netmcu.host"
local device = require "netmcu.device.init"

local require_of_script = _G.require

local tests = {}

-- --- results ---

local write = host.write
local number, failures = 0, 0

-- What tests.skip raises. No error object of a script has this metatable, whatever fields it has.
local Skip = {}

local function is_skip(message)
  return getmetatable(message) == Skip
end

local function comment(text)
  write((string.gsub(string.gsub(text, "[^\n]+", "# %0"), "\n*$", "\n")))
end

-- The text as a part of a result: in one line, and without the "#" that begins a directive such as
-- "# TODO".
local function in_line(text)
  return (string.gsub(string.gsub(tostring(text), "%s*[\r\n]%s*", " "), "#", "\\#"))
end

local function report(name, message)
  number = number + 1
  if message == nil or is_skip(message) then
    local directive = message and " # SKIP " .. in_line(message.reason) or ""
    write(string.format("ok %d - %s%s\n", number, in_line(name), directive))
    return
  end
  failures = failures + 1
  write(string.format("not ok %d - %s\n", number, in_line(name)))
  comment(tostring(message))
end

-- The part of the traceback that is the test's own.
local function explain(message)
  if is_skip(message) then
    return message
  end
  local meta = debug.getmetatable(message)
  if type(message) ~= "string" and type(message) ~= "number" and not (meta and meta.__tostring) then
    message = "(error object is a " .. type(message) .. " value)"
  end
  message = tostring(message)
  if string.find(message, "\nstack traceback:\n", 1, true) then
    return message
  end
  local trace = host.traceback(message, 2)
  local cut = string.find(trace, "\n\t[C]: in function 'xpcall'", 1, true)
  return string.sub(trace, 1, (cut or 0) - 1)
end

-- --- counted callbacks ---

local expectations = {}

local function describe(e)
  return string.format("%s: called %d times, expected %d", e.where, e.calls, e.wanted)
end

-- A function in fn's place that must be called n times (default 1; 0: never) before the test is
-- over.
function tests.expect(fn, n)
  if type(fn) ~= "function" then
    error("bad argument #1 to 'expect' (function expected, got " .. type(fn) .. ")", 2)
  end
  local info = debug.getinfo(2, "Sl")
  local e = {calls = 0, wanted = n or 1, where = info.short_src .. ":" .. info.currentline}
  expectations[#expectations + 1] = e
  return function(...)
    e.calls = e.calls + 1
    if e.calls > e.wanted then
      error(describe(e), 0)
    end
    return fn(...)
  end
end

local function missing()
  local list = {}
  for _, e in ipairs(expectations) do
    if e.calls < e.wanted then
      list[#list + 1] = describe(e)
    end
  end
  return list
end

-- Runs the loop until all expected calls have come; raises after ms (10000) and says which did not.
function tests.finish(ms)
  host.wait(function() return #missing() == 0 end, ms)
  local list = missing()
  expectations = {}
  if #list > 0 then
    local open = host.walk()
    list[#list + 1] = "open: " .. (#open > 0 and table.concat(open, ", ") or "nothing")
    error(table.concat(list, "\n"), 0)
  end
end

-- --- tests ---

function tests.test(name, fn)
  if type(fn) ~= "function" then
    error("bad argument #2 to 'test' (function expected, got " .. type(fn) .. ")", 2)
  end
  expectations = {}
  local done, message = xpcall(function()
    fn()
    tests.finish()
  end, explain)
  report(name, not done and message or nil)
end

function tests.skip(reason)
  error(setmetatable({reason = reason or ""}, Skip), 0)
end

-- --- the script under test ---

-- What an environment has of its own: what is loaded in it sees its globals, not those of the test.
local function add_loaders(env)
  local flash = require "netmcu.device.flash"
  local loaded = {}

  function env.loadfile(name)
    return flash.loadfile(name, nil, env)
  end

  function env.dofile(name)
    local chunk, message = env.loadfile(name)
    if not chunk then
      error(message, 0)
    end
    return chunk()
  end

  function env.require(name)
    if loaded[name] == nil and not package.loaded[name] and not package.preload[name] then
      local chunk, where = flash.search(name)
      if type(chunk) == "function" then
        debug.setupvalue(chunk, 1, env)
        local value = chunk(name, where)
        loaded[name] = value == nil and true or value
      end
    end
    return loaded[name] == nil and require_of_script(name) or loaded[name]
  end
end

local script = {}
script.__index = script

-- The port of this machine that the script's port is; kind "udp" for that of a UDP socket.
function script.port(_, port, kind)
  return host.mapped_port(port, kind)
end

-- Runs a script of the flash with globals of its own. Every port that it listens on is a free one
-- of this machine.
function tests.script(name, ...)
  if type(name) ~= "string" then
    error("bad argument #1 to 'script' (string expected, got " .. type(name) .. ")", 2)
  end
  host.map_port "1-65535=0"
  local env = setmetatable({}, {__index = _G})
  env._G = env
  add_loaders(env)
  local chunk, message = env.loadfile(name)
  if not chunk then
    error(message, 2)
  end
  chunk(...)
  return setmetatable({globals = env}, script)
end

-- Connections to the host (a name or an address; to the port, or to any) are refused from here on;
-- netmcu.fault() ends it.
function tests.connect_fails(peer, port)
  host.fault {kind = "refuse", peer = peer, port = port}
end

-- --- netmcu --test ---

local managed = false
local left, left_time

-- What the script under test asked for last: "restart", "end", "sleep" and its time in µs.
function tests.left()
  return left, left_time
end

-- What scripts print becomes comments of the results, line by line.
local rest = ""

local function comments_of_output()
  function host.write(text)
    local lines, partial = string.match(rest .. text, "^(.*\n)(.*)$")
    rest = partial or rest .. text
    if lines then
      comment(lines)
    end
  end
end

-- Where the last line has no end.
local function comments_end()
  if rest ~= "" then
    host.write "\n"
  end
end

local function run_chunk(path, before)
  local chunk, message = device.loadscript(path)
  if not chunk then
    return message
  end
  local done, problem = xpcall(function()
    chunk(path)
    if number == before then -- a script without named tests is one
      tests.finish()
    end
  end, explain)
  return not done and problem or nil
end

-- One file, numbered from `before` + 1; returns how many tests there were, and how many failed.
function tests.run(path, before)
  number, managed = before, true
  comments_of_output()
  function host.leave(reason, us)
    left, left_time = reason, us
  end
  comment(path)
  local exit = os.exit
  function _G.os.exit()
    write(string.format("Bail out! os.exit was called in %s\n", path))
    exit(1)
  end
  local message = run_chunk(path, before)
  comments_end()
  if message ~= nil or number == before then
    report(path, message)
  end
  return number - before, failures
end

-- The end of a test program that another Lua runs: prints the plan, exits with status 1 where a
-- test failed. In `netmcu --test` it does nothing, so that one file serves both.
function tests.done()
  if not managed then
    write(string.format("1..%d\n", number))
    os.exit(failures == 0, true)
  end
end

return tests
