-- For tests: counts calls, collects all garbage in each callback, and sees that nothing is left open.
--
--   local expect = require "expect"
--   sk:on("receive", expect(fn))      fn must be called once; after each call a full garbage collection runs
--   expect(fn, n)                     … n times; 0: never
--   expect(fn, n, most)               … n to `most` times
--   expect.never("what")              a handler that fails when it is called
--   expect.raises(text, fn, ...)      fn(...) must raise exactly this text
--   expect.nothing(...)               there must be no value
--   expect.later(fn)                  calls fn after events that are on their way: to show that something does not happen
--   expect.finish([ms])               runs the loop until all calls came, then until nothing is open; fails otherwise
--
-- A script that does not call finish() is checked when its Lua state closes: exit status 1 where calls are missing.
-- Warnings are off: tests of them run a script of their own (subrun.lua).

local netmcu = require "netmcu"

netmcu.options {warnings = false}

local expectations = {}
local expect = {}

local function where(level)
  local info = debug.getinfo(level + 1, "Sl")
  return info.short_src .. ":" .. info.currentline
end

local function describe(e)
  local wanted = e.least == e.most and e.least or e.least .. " to " .. e.most
  return ("%s: called %d times, expected %s"):format(e.where, e.calls, wanted)
end

local function wrap(fn, least, most, place)
  local e = {calls = 0, least = least, most = most, where = place}
  expectations[#expectations + 1] = e
  return function(...)
    e.calls = e.calls + 1
    if e.calls > e.most then
      error(describe(e), 0)
    end
    collectgarbage()
    local results = table.pack(fn(...))
    collectgarbage()
    return table.unpack(results, 1, results.n)
  end
end

setmetatable(expect, {
  __call = function(_, fn, least, most)
    assert(type(fn) == "function", "expect: a function is expected")
    least = least or 1
    return wrap(fn, least, most or least, where(2))
  end,
})

function expect.never(what)
  local place = where(2)
  return function()
    error(place .. ": must not be called: " .. (what or "handler"), 0)
  end
end

function expect.raises(text, fn, ...)
  local done, message = pcall(fn, ...)
  if done then
    error("no error; expected: " .. text, 2)
  end
  if message ~= text then
    error(("the error is %q; expected: %q"):format(tostring(message), text), 2)
  end
end

-- Like expect.raises, for a part of the message.
function expect.refuses(text, fn, ...)
  local done, problem = pcall(fn, ...)
  assert(not done and problem:find(text, 1, true), tostring(problem) .. ", not " .. text)
end

function expect.nothing(...)
  if select("#", ...) ~= 0 then
    error(("%d values where none is documented: %s"):format(select("#", ...), tostring((...))), 2)
  end
end

-- The later event is a datagram that the test sends to itself.
function expect.later(fn)
  local sk = net.createUDPSocket()
  sk:listen(0, "127.0.0.1")
  sk:on("receive", function(self)
    self:close()
    fn()
  end)
  local port, ip = sk:getaddr()
  sk:send(port, ip, "later")
end

local function all_came()
  for _, e in ipairs(expectations) do
    if e.calls < e.least then
      return false
    end
  end
  return true
end

local function missing()
  local list = {}
  for _, e in ipairs(expectations) do
    if e.calls < e.least then
      list[#list + 1] = describe(e)
    end
  end
  return table.concat(list, "\n")
end

function expect.finish(ms)
  netmcu.wait(all_came, ms or 60000)
  local left = missing()
  if left ~= "" then
    error(left .. "\nopen: " .. table.concat(netmcu.walk(), ", "), 2)
  end
  expectations = {}
  collectgarbage()
  netmcu.run(20000)
  local open = netmcu.walk()
  if #open > 0 then
    error("left open: " .. table.concat(open, ", "), 2)
  end
end

-- Kept until the state closes, which collects it.
debug.getregistry()[expect] = setmetatable({}, {
  __gc = function()
    local left = missing()
    if left ~= "" then
      io.stderr:write(left, "\n")
      os.exit(1)
    end
  end,
})

return expect
