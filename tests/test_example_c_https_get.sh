#!/bin/sh
# examples/c/https_get.c with the web server of openssl, and with servers and CAs that are wrong.
. "$NETMCU_SOURCE/tests/support/example.sh"
need_program https_get
need openssl python3
get=$NETMCU_BUILD/examples/https_get
has_tls || skip "netmcu was built without TLS"
make_certificates

# fails WHAT REASON ARGUMENT...: the program ends with this reason
fails() {
  what=$1
  reason=$2
  shift 2
  "$get" "$@" >"$work/page.log" 2>"$work/get.log" && fail "success with $what"
  has "$what" "$reason" "$(cat "$work/get.log")"
}

echo '<p>a page</p>' >"$work/page.html"
cd "$work" || exit 1
start openssl openssl s_server -accept 127.0.0.1:0 -cert server.pem -key server.key -WWW
port=$(wait_for openssl "ACCEPT 127" && sed -n 's/^ACCEPT .*://p' openssl.log)
page=$("$get" localhost /page.html "$port" ca.pem 2>get.log) || fail "no page"
has "the header" "HTTP/1.0 200 ok" "$page"
has "the page" "<p>a page</p>" "$page"
has "the cipher" "localhost: TLSv1." "$(cat get.log)"
fails "a CA that is wrong" 'localhost: certificate of localhost is signed by "Test CA", which is not trusted' \
  localhost / "$port" self.pem
fails "the system's CAs" "which is not trusted" localhost / "$port"
fails "a file that is missing" "none.pem: cannot read" localhost / "$port" none.pem
stop "$process"
fails "no server" "127.0.0.1: connection reset" 127.0.0.1 / "$port" ca.pem

# Python's server ends its connections without TLS's end mark.
start python python3 "$NETMCU_SOURCE/tests/support/web_server.py" "$work" server
wait_until "the port of python" test -s python.log
fails "a response that may be cut" "localhost: connection closed" localhost / "$(head -n 1 python.log)" ca.pem
has "its beginning" "HTTP/1.1 200 OK" "$(cat page.log)"
