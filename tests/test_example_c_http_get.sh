#!/bin/sh
# examples/c/http_get.c with examples/lua/http_server.lua, and without a server.
. "$NETMCU_SOURCE/tests/support/example.sh"
need_program http_get

start_script http_server 0
server=$process
port=$(port_of http_server)
get=$NETMCU_BUILD/examples/http_get

page=$("$get" localhost / "$port" 2>"$work/get.log") || fail "no page"
has "the header" "HTTP/1.1 200 OK" "$page"
has "the page" "</html>" "$page"
has "the name" "localhost is $(localhost_ip)" "$(cat "$work/get.log")"

stop "$server"
"$get" 127.0.0.1 / "$port" 2>"$work/get.log" && fail "success without a server"
has "nobody listens" "127.0.0.1: connection reset" "$(cat "$work/get.log")"
"$get" nowhere.invalid 2>"$work/get.log" && fail "success without an address"
has "no such name" "nowhere.invalid is not known" "$(cat "$work/get.log")"
"$get" "no name" 2>"$work/get.log" && fail "success without a name"
has "no name" "illegal argument" "$(cat "$work/get.log")"
