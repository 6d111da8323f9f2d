-- Tests of device scripts: named tests with results as TAP, counted callbacks, the script under
-- test. docs/testing.md explains how to use them, in `netmcu --test` and in any other Lua program.

local host = require "netmcu.host"
local device = require "netmcu.device.init"

local require_of_script, utf8_length = _G.require, _G.utf8.len

local tests = {}

-- --- results ---

local write = host.write
local number, failures = 0, 0
local format = "tap" -- "tap": the results are printed one by one; "json", "none": they are collected
local failed = {} -- the failures, each with its name and message

-- The metatable of the errors that tests.skip raises. An error object of a script cannot have it.
local Skip = {}

local function is_skip(message)
  return getmetatable(message) == Skip
end

local function print_tap(text)
  if format == "tap" then
    write(text)
  end
end

local function comment(text)
  print_tap((string.gsub(string.gsub(text, "[^\n]+", "# %0"), "\n*$", "\n")))
end

-- Returns the text as a part of a result: in one line, and without the "#" that would begin a
-- directive such as "# TODO".
local function in_line(text)
  return (string.gsub(string.gsub(tostring(text), "%s*[\r\n]%s*", " "), "#", "\\#"))
end

-- Returns the text with the seed that leads to the same run again, in a simulation.
local function with_seed(text)
  return host.seed and text .. ", seed " .. host.seed or text
end

local function report(name, message)
  number = number + 1
  if message == nil or is_skip(message) then
    local directive = message and " # SKIP " .. in_line(message.reason) or ""
    print_tap(string.format("ok %d - %s%s\n", number, in_line(name), directive))
    return
  end
  failures = failures + 1
  failed[failures] = {name = in_line(name), message = tostring(message)}
  print_tap(string.format("not ok %d - %s\n", number, with_seed(in_line(name))))
  comment(tostring(message))
end

-- Returns the text as a string of JSON. A byte that is not UTF-8 would make it invalid.
local function quote(text)
  local valid = utf8_length(text) and text or string.gsub(text, "[\x80-\xff]", "?")
  return string.sub(require "netmcu.device.sjson_encode"({valid}, {depth = 1}), 2, -2)
end

-- Returns a line of JSON with the results of a file.
local function describe_results(path, count)
  local list = {}
  for i, failure in ipairs(failed) do
    list[i] = string.format('{"test":%s,"message":%s}', quote(failure.name), quote(failure.message))
  end
  return string.format('{"seed":%s,"file":%s,"tests":%d,"failed":%d,"failures":[%s]}', host.seed, quote(path), count,
    failures, table.concat(list, ","))
end

-- Returns the message with the part of the traceback that belongs to the test.
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

-- Returns a function that calls fn. It must be called n times before the test is over (default 1; 0
-- means never).
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

local function list_missing()
  local list = {}
  for _, e in ipairs(expectations) do
    if e.calls < e.wanted then
      list[#list + 1] = describe(e)
    end
  end
  return list
end

-- Runs the loop until all expected calls have come. After `ms` milliseconds (default 10000), raises
-- an error that lists the missing calls.
function tests.finish(ms)
  host.wait(function() return #list_missing() == 0 end, ms)
  local list = list_missing()
  expectations = {}
  if #list > 0 then
    local open = host.walk()
    list[#list + 1] = "open: " .. (#open > 0 and table.concat(open, ", ") or "nothing")
    error(table.concat(list, "\n"), 0)
  end
end

-- --- tests ---

local is_interrupted = function() return false end

-- Adds the errors of the hosts of a scenario (lua/runner/sim.lua) to the failure, if there is one.
local function with_hosts(message)
  local errors = host.errors_of_hosts and host.errors_of_hosts()
  if not errors or is_skip(message) then
    return message
  end
  return message and tostring(message) .. "\n" .. errors or errors
end

function tests.test(name, fn)
  if is_interrupted() then
    error("interrupted", 0)
  end
  if type(fn) ~= "function" then
    error("bad argument #2 to 'test' (function expected, got " .. type(fn) .. ")", 2)
  end
  expectations = {}
  local done, message = xpcall(function()
    fn()
    tests.finish()
  end, explain)
  report(name, with_hosts(not done and message or nil))
end

function tests.skip(reason)
  error(setmetatable({reason = reason or ""}, Skip), 0)
end

-- --- the script under test ---

-- Gives an environment its own functions to load files: these files see its globals instead of the
-- test's.
local function add_loaders(env)
  local flash = require "netmcu.device.flash"
  local loaded = {}
  require "netmcu.device.image".environment = env

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

-- Returns the port of this machine for a TCP port of the script, or for a UDP port with kind "udp".
function script.port(_, port, kind)
  return host.mapped_port(port, kind)
end

-- Runs a script of the flash with globals of its own. Each port on which it listens becomes a free
-- port of this machine.
function tests.script(name, ...)
  if type(name) ~= "string" then
    error("bad argument #1 to 'script' (string expected, got " .. type(name) .. ")", 2)
  end
  if not host.seed then -- in a world of its own, the script has the ports that it asks for
    host.map_port "1-65535=0"
  end
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

-- From now on, connects to the host (a name or an address), at this port or at any, are refused.
-- netmcu.fault() ends this.
function tests.connect_fails(peer, port)
  host.fault {kind = "refuse", peer = peer, port = port}
end

-- --- netmcu --test ---

local managed = false
local left, left_time

-- Returns what the script under test asked for last: "restart", "end", or "sleep" with its time in
-- µs.
function tests.left()
  return left, left_time
end

-- The output of scripts becomes comments in the results, line by line.
local rest = ""

local function turn_output_into_comments()
  function host.write(text)
    local lines, partial = string.match(rest .. text, "^(.*\n)(.*)$")
    rest = partial or rest .. text
    if lines then
      comment(lines)
    end
  end
end

-- The last line may lack a newline.
local function finish_comments()
  if rest ~= "" then
    host.write "\n"
  end
end

local function run_chunk(path, before)
  local chunk, message = device.loadscript(path, nil, true)
  if not chunk then
    return message
  end
  local done, problem = xpcall(function()
    chunk(path)
    if number == before then -- a script without named tests is one test
      tests.finish()
    end
  end, explain)
  return with_hosts(not done and problem or nil)
end

-- Returns a text that names the faults that have not taken effect, or nil if there are none. After
-- a failure it returns nil, because the faults may have had no time to take effect.
local function find_unmet(take_unmet)
  local unmet = failures == 0 and take_unmet and take_unmet() or {}
  return unmet[1] and "a fault that never took effect: " .. table.concat(unmet, ", ")
end

-- What os.exit does in a test file: it ends the run, or only this test if the results are not TAP.
local function refuse_exit(path)
  local exit = os.exit
  return function()
    if format ~= "tap" then
      error("os.exit was called", 0)
    end
    write(string.format("Bail out! os.exit was called in %s\n", path))
    exit(1)
  end
end

-- Makes this the state of a device that a test on another simulated host reaches: write(text) takes
-- its output, and os.exit ends the test.
function tests.serve(write_output, exit)
  host.write, _G.os.exit = write_output, exit
  function host.leave(reason, us)
    left, left_time = reason, us
  end
end

-- Runs a file. Its tests are numbered from `before` + 1 on. Returns the number of tests, the number
-- of failures, the first failure as a text, and with the format "json" a line with all results. A
-- signal or the time-out ends the running test. interrupted() is then true, and no other test
-- begins. In a simulation, new_device() returns the globals of the device under test, which is a
-- separate host, and take_unmet() returns a list of the faults that have not taken effect.
function tests.run(path, before, wanted_format, interrupted, new_device, take_unmet)
  number, managed, is_interrupted, format = before, true, interrupted, wanted_format
  turn_output_into_comments()
  function host.leave(reason, us)
    left, left_time = reason, us
  end
  comment(with_seed(path))
  _G.os.exit = refuse_exit(path)
  if new_device then
    require "netmcu.desktop.remote".install(new_device)
  end
  local message = run_chunk(path, before)
  message = message or find_unmet(take_unmet)
  finish_comments()
  if message ~= nil or number == before then
    report(path, message)
  end
  local first = failed[1] and failed[1].name .. "\n" .. string.match(failed[1].message, "^[^\n]*")
  local count = number - before
  return count, failures, first, format == "json" and describe_results(path, count) or nil
end

-- Ends a test program that another Lua runs: prints the plan, and exits with status 1 if a test has
-- failed. In `netmcu --test` it does nothing, so that one file works in both.
function tests.done()
  if not managed then
    write(string.format("1..%d\n", number))
    os.exit(failures == 0, true)
  end
end

return tests
