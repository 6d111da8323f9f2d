#!/bin/sh
# The programs of docs/libuv.md, which do the same with libuv and with netmcu: they compile, the
# servers echo, and the clients find a server that starts later.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need cc pkg-config
[ -f "$NETMCU_BUILD/libnetmcu.a" ] || skip "there is no static library"
[ -z "${NETMCU_SANITIZE-}" ] || skip "the programs would need the instrumentation of the library"
! grep -qs 'NETMCU_COVERAGE:BOOL=ON' "$NETMCU_BUILD/CMakeCache.txt" || skip "they would need that of coverage"
libraries="$(sed -n 's/^Libs: .*-lnetmcu//p' "$NETMCU_BUILD/netmcu.pc") $(pkg-config --libs libuv)"

# compile N NAME: the page's n-th program
compile() {
  awk -v wanted="$1" '$0 == "```" { inside = 0 } inside { print } $0 == "```c" { inside = ++n == wanted }' \
    "$NETMCU_SOURCE/docs/libuv.md" >"$work/$2.c"
  # shellcheck disable=SC2086
  cc -Wall -Wextra -Werror -I"$NETMCU_SOURCE/include" "$work/$2.c" "$NETMCU_BUILD/libnetmcu.a" $libraries \
    -o "$work/$2" || fail "program $1 does not compile"
}

compile 1 libuv_server
compile 2 netmcu_server
compile 3 libuv_client
compile 4 netmcu_client
port=$(free_port)

is_open() {
  "$NETMCU" --timeout 1 -e "
    local c = net.createConnection()
    c:on('connection', function(c) print('open') c:close() end)
    c:connect($port, '127.0.0.1')" | grep -q open
}

# talk: sends a megabyte and prints how much comes back
talk() {
  "$NETMCU" --timeout $patience -e "
    local count = 0
    local c = net.createConnection()
    c:on('connection', function(c) for _ = 1, 1000 do c:send(('x'):rep(1000)) end end)
    c:on('receive', function(c, data)
      count = count + #data
      if count == 1000000 then print(count) c:close() end
    end)
    c:connect($port, '127.0.0.1')"
}

for server in libuv_server netmcu_server; do
  start $server "$work/$server" "$port"
  wait_until "$server listens" is_open
  same "bytes back from $server" 1000000 "$(talk)"
  stop "$process"
done

for client in libuv_client netmcu_client; do
  start $client "$work/$client" localhost "$port"
  running=$process
  wait_for $client "next try in 250 ms"
  wait_for $client "next try in 500 ms"
  start server "$NETMCU" -e "net.createServer():listen($port, function(client) client:send('hello\n', client.close) end)"
  wait_for $client hello
  wait_for $client "end of data; next try in 250 ms"
  stop "$process"
  stop "$running"
done
say "all four programs work together"
