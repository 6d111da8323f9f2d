#!/bin/sh
# The README's programs run, the man page has the program's options, and no link is dead.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
need curl
cd "$NETMCU_SOURCE" || exit 1

# block LANGUAGE N: prints the README's n-th code block in a language
block() {
  awk -v open="\`\`\`$1" -v wanted="$2" '$0 == "```" { inside = 0 } inside { print } $0 == open { inside = ++n == wanted }' README.md
}

block lua 1 >"$work/hello.lua"
start hello "$NETMCU" "$work/hello.lua"
answer() {
  curl -sS --max-time $patience 'http://127.0.0.1:8080/led?on' >"$work/answer"
}
wait_until "an answer from the README's script" answer
same "the README's script" "You are visitor 1." "$(cat "$work/answer")"
same "what it prints" "GET /led?on HTTP/1.1" "$(cat "$work/hello.log")"

block lua 2 >"$work/stock.lua"
same "the README's Lua program" "localhost is 127.0.0.1" "$("$NETMCU" "$work/stock.lua")"
if [ -f "$NETMCU_BUILD/lua/net.so" ] && command -v lua5.4 >/dev/null; then
  same "the same with a stock Lua" "localhost is 127.0.0.1" "$(LUA_CPATH="$NETMCU_BUILD/lua/?.so" \
    LUA_PATH="$NETMCU_BUILD/lua/?.lua" LD_PRELOAD=${NETMCU_PRELOAD-} lua5.4 "$work/stock.lua")"
fi

block c 1 >"$work/hello.c"
if [ -f "$NETMCU_BUILD/libnetmcu.a" ] && [ -z "${NETMCU_SANITIZE-}" ] && ! grep -q 'NETMCU_COVERAGE:BOOL=ON' "$NETMCU_BUILD/CMakeCache.txt"; then
  # shellcheck disable=SC2046
  cc -Wall -Wextra -Werror -Iinclude "$work/hello.c" "$NETMCU_BUILD/libnetmcu.a" \
    $(pkg-config --libs libuv) -o "$work/hello" || fail "the README's C program does not compile"
  same "the README's C program" "localhost is $(localhost_ip)" "$("$work/hello")"
fi

# The man page has "\-" instead of "-".
"$NETMCU" --help | grep -oE '^  (-[a-zA-Z]|--[a-z-]+)(, --[a-z-]+)?' | tr -d ' ' | tr , '\n' | sort >"$work/options"
sed -n '/^\.SH OPTIONS/,/^\.SH OUTPUT/p' docs/netmcu.1 | grep -A 1 '^\.TP' | grep '^\.B' | sed 's/\\//g' |
  grep -oE '(^| )"?-[a-zA-Z-]+' | tr -d ' "' | grep -vx -e - | sort >"$work/documented"
same "the options in docs/netmcu.1" "$(cat "$work/options")" "$(cat "$work/documented")"

# Links contain no spaces.
# shellcheck disable=SC2013
for page in ./README.md docs/*.md; do
  for link in $(grep -oE '\]\([^)#]+' "$page" | sed 's/](//' | grep -v '^http'); do
    [ -e "${page%/*}/$link" ] || fail "$page: there is no $link"
  done
done
