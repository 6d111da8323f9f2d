#!/bin/sh
# The rockspec, with luarocks, from a copy of the checkout: a stock Lua finds the modules, and the
# program runs.
# ctest: TIMEOUT 1200
# ctest: COST 100
. "$NETMCU_SOURCE/tests/support/shell.sh"
not_sanitized
need luarocks lua5.4 cmake
luarocks --lua-version 5.4 config variables.LUA_INCDIR >/dev/null 2>&1 || skip "luarocks knows no Lua 5.4"

mkdir "$work/checkout"
(cd "$NETMCU_SOURCE" && cp -R CMakeLists.txt LICENSE cmake docs include lua src ./*.rockspec "$work/checkout")
cd "$work/checkout" || exit 1
HOME=$work luarocks --lua-version 5.4 --tree "$work/tree" make --deps-mode none >"$work/luarocks.log" 2>&1 ||
  fail "luarocks cannot make it"

eval "$(HOME=$work luarocks --lua-version 5.4 --tree "$work/tree" path)"
cd "$work" || exit 1
rm -rf "$work/checkout" # nothing may point back to it
cat >script.lua <<'LUA'
local net, netmcu, tmr = require "net", require "netmcu", require "tmr"
net.dns.resolve("localhost", function(_, ip)
  tmr.create():alarm(1, tmr.ALARM_SINGLE, function() print(ip) end)
end)
netmcu.run()
LUA
same "a script in a stock Lua" 127.0.0.1 "$(lua5.4 script.lua)"
same "the program" 127.0.0.1 "$("$work/tree/bin/netmcu" script.lua)"
same "modules beside Lua's that are none" "" "$(find "$work/tree/lib/lua" ! -name net.so -type f)"
HOME=$work luarocks --lua-version 5.4 --tree "$work/tree" remove netmcu >"$work/luarocks.log" 2>&1 || fail "cannot remove it"
same "files left after its removal" "" "$(find "$work/tree" -name '*net*' ! -name 'manifest*')"
