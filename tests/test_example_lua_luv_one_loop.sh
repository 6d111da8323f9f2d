#!/bin/sh
# examples/lua_luv/one_loop.lua in a stock Lua: luv's timer and client, net's server, one loop, and
# an orderly end.
. "$NETMCU_SOURCE/tests/support/example.sh"
need lua5.4 nc
[ -f "$NETMCU_BUILD/lua/net.so" ] || skip "the Lua module is not built (-DNETMCU_LUA=ON)"
[ -z "${NETMCU_SANITIZE-}" ] || [ -n "${NETMCU_PRELOAD-}" ] || skip "a stock Lua cannot load this sanitizer"
lua5.4 -e 'require "luv"' 2>/dev/null || skip "luv is not installed for Lua 5.4 (Debian: lua-luv)"

LUA_CPATH="$NETMCU_BUILD/lua/?.so;;"
LUA_PATH="$NETMCU_BUILD/lua/?.lua;;"
export LUA_CPATH LUA_PATH

# stock_lua ARGUMENT...
stock_lua() {
  LD_PRELOAD=${NETMCU_PRELOAD-} lua5.4 "$@"
}

start one_loop env LD_PRELOAD="${NETMCU_PRELOAD-}" lua5.4 "$NETMCU_SOURCE/examples/lua_luv/one_loop.lua" 0 1
script=$process
port=$(port_of one_loop)
has "an answer" "tick " "$(nc -d -w $patience 127.0.0.1 "$port")"
wait "$script" || fail "the script ended with an error"
has "luv's client" "luv heard tick 1" "$(cat "$work/one_loop.log")"
has "the end" "the loop is empty" "$(cat "$work/one_loop.log")"

# An error in a handler is printed, and the loop continues. The state ends while both have something
# open.
cat >"$work/errors.lua" <<'END'
local uv = require "luv"
require "net.luv"
local net, tmr, netmcu = require "net", require "tmr", require "netmcu"
local timer = uv.new_timer()
tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
  timer:start(1, 0, function() print "the loop goes on" end)
  error "on luv's loop"
end)
uv.run()
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error "run by net" end)
timer:start(1, 1, function() end)
print(select(2, pcall(netmcu.run)))
local server = net.createServer()
server:listen(0, function(s) s:send(("x"):rep(1e6)) netmcu.stop() end)
net.createConnection():connect(server:getaddr(), "127.0.0.1")
net.dns.resolve("localhost", print)
netmcu.run()
END
stock_lua "$work/errors.lua" >"$work/errors.log" 2>&1 || fail "a script with errors"
wait_for errors "netmcu: uncaught error: "
wait_for errors "on luv's loop"
wait_for errors "the loop goes on"
wait_for errors "run by net"

has "net before luv" 'require "luv" first' "$(stock_lua -e 'require "net.luv"' 2>&1)"
has "a second loop" "net has a loop already" "$(stock_lua -e 'require "luv" require "net" require "net.luv"' 2>&1)"
has "in the runner" "net has a loop already" "$(echo 'require "luv" require "net.luv"' >"$work/in_runner.lua"; "$NETMCU" "$work/in_runner.lua" 2>&1)"

# A luv without a file, and one whose file is not a library.
mkdir "$work/broken"
echo "no library" >"$work/broken/luv.so"
refuses() {
  LD_PRELOAD=${NETMCU_PRELOAD-} LUA_CPATH="$NETMCU_BUILD/lua/?.so;$1" lua5.4 -e 'package.loaded.luv = {} require "net.luv"' 2>&1
}
has "a luv without a file" "no file luv on package.cpath" "$(refuses "$work/nowhere/?.so")"
has "a luv that cannot be loaded" "$work/broken/luv.so" "$(refuses "$work/broken/?.so")"

# A luv that contains its own libuv, and a module that is not luv.
need cc
mkdir "$work/own" "$work/none"
cat >"$work/luv.c" <<'END'
struct lua_State;
void lua_createtable(struct lua_State *L, int array, int record);
int luaopen_luv(struct lua_State *L);
int luaopen_luv(struct lua_State *L)
{
  lua_createtable(L, 0, 0);
  return 1;
}
#ifdef OWN
void *luv_loop(void *L);
void *luv_loop(void *L) { return L; }
int uv_run(void *loop, int mode);
int uv_run(void *loop, int mode) { return loop == (void *)0 && mode; }
#endif
END
cc -shared -fPIC -o "$work/none/luv.so" "$work/luv.c" && cc -DOWN -shared -fPIC -o "$work/own/luv.so" "$work/luv.c" ||
  fail "cannot build a module"
refusal() {
  LUA_CPATH="$work/$1/?.so;$LUA_CPATH" stock_lua -e 'require "luv" require "net.luv"' 2>&1
}
has "no luv" "luv does not export luv_loop" "$(refusal none)"
has "a luv with a libuv" "luv has a libuv of its own" "$(refusal own)"
