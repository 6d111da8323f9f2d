#!/bin/sh
# coroutine.resume and coroutine.wrap of a script do the same as those of Lua.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/coroutines.lua" <<'END'
local function is(expected, ...)
  local values = table.pack(...)
  for i = 1, values.n do values[i] = tostring(values[i]):gsub("^coroutines.lua:", "") end
  local got = table.concat(values, " ")
  assert(got == expected, got)
end

local co = coroutine.create(function(a, b)
  local c = coroutine.yield(a + b, nil)
  error({c})
end)
is("true 3 nil", coroutine.resume(co, 1, 2))
local done, message = coroutine.resume(co, 7)
assert(not done and message[1] == 7)
is("false cannot resume dead coroutine", coroutine.resume(co))
local own = coroutine.create(function() return coroutine.resume(coroutine.running()) end)
is("true false cannot resume non-suspended coroutine", coroutine.resume(own))
is("false bad argument #1 to 'coroutine.resume' (thread expected, got number)", pcall(coroutine.resume, 5))
is("false bad argument #1 to 'coroutine.wrap' (function expected, got number)", pcall(coroutine.wrap, 1))

local wrapped = coroutine.wrap(function(...)
  coroutine.yield(select("#", ...))
  local closes <close> = setmetatable({}, {__close = function(_, e) is("24: boom", e) end})
  error "boom"
end)
is("2", wrapped(nil, nil))
is("false 24: boom", pcall(wrapped))
is("false cannot resume dead coroutine", pcall(wrapped))
local function caller() local value = coroutine.wrap(function() error("of " .. "it", 0) end)() return value end
is("false 29: of it", pcall(caller))
local sum = 0
for i in coroutine.wrap(function() for i = 1, 4 do coroutine.yield(i) end end) do sum = sum + i end
is("10", sum)
END
cd "$work" && "$NETMCU" coroutines.lua >out 2>&1 || fail "$(cat out)"
