#!/bin/sh
# The module tls, and net with the flag for TLS, talk to OpenSSL. Certificates are verified when the
# script asks for it, in all forms of tls.cert.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need python3 openssl
"$NETMCU" -e 'tls.createConnection()' 2>"$work/errors.log" || {
  "$NETMCU" -e 'net.createConnection(net.TCP, 1):connect(1, "127.0.0.1")' 2>>"$work/errors.log" &&
    fail "net.createConnection with the flag has no error"
  same "what to install, and where it is missing" 2 \
    "$(grep -c "(command line):1: netmcu was built without TLS: install mbedTLS" "$work/errors.log")"
  skip "netmcu was built without TLS"
}
make_certificates
unset SSL_CERT_FILE
mkdir "$work/flash"

start server python3 "$NETMCU_SOURCE/tests/support/tls_server.py" "$work" plain ask big lacking named greet cut

# use MODE: waits for the server of this mode; sets $port
use() {
  wait_for server "$1: port "
  port=$(sed -n "s/^$1: port //p" "$work/server.log")
}

# run SCRIPT [OPTION...]: runs a script, with PORT and a function read(name) of the test's folder
run() {
  script=$1
  shift
  (cd "$work/flash" && "$NETMCU" --timeout $patience "$@" -e "
    PORT = $port
    function read(name)
      local handle = assert(io.open('$work/' .. name))
      local text = handle:read 'a'
      handle:close()
      return text
    end
    function client(name)
      local s = tls.createConnection()
      s:on('connection', function(c) print('connection', c:getpeer()) c:send 'hello' end)
      s:on('sent', function() print 'sent' end)
      s:on('receive', function(c, text) print('receive', text) c:close() end)
      s:on('reconnection', function(_, reason) print('reconnection', reason) end)
      s:on('disconnection', function() print 'disconnection' end)
      s:connect(PORT, name or 'localhost')
      return s
    end
    $script" 2>"$work/errors.log")
}

good="connection	127.0.0.1	PORT
sent
receive	HELLO
disconnection"

# expect_good WHAT SCRIPT
expect_good() {
  same "$1" "$(printf '%s' "$good" | sed "s/PORT/$port/")" "$(run "$2")"
}

use plain
expect_good "a connection without verification" 'client()'
has "the warning" "netmcu: TLS without tls.cert.verify" "$(cat "$work/errors.log")"
expect_good "a certificate that is right" 'tls.cert.verify(read "ca.pem") client()'
same "warnings" "" "$(cat "$work/errors.log")"
expect_good "the CA from a function" '
  tls.cert.verify(function(n) return ({read "self.pem", read "ca.pem"})[n] end) client()'
expect_good "after verify(false)" 'tls.cert.verify(read "self.pem") tls.cert.verify(false) client()'
wait_for server 'plain: unwrapped'

failed="reconnection	SSL handshake failed"
same "a CA that is wrong" "$failed" "$(run 'tls.cert.verify(read "self.pem") client()')"
same "the reason" 'netmcu: certificate of localhost is signed by "Test CA", which is not trusted' "$(cat "$work/errors.log")"
same "a name that is wrong" "$failed" "$(run 'tls.cert.verify(read "ca.pem") client "api.example"' \
  --resolve api.example=127.0.0.1)"
same "the reason" "netmcu: certificate of api.example is made for another name (server.example)" "$(cat "$work/errors.log")"
same "a function that fails" "$failed" "$(run 'tls.cert.verify(function() error "no CA" end) client()')"
has "the reason" "no CA" "$(cat "$work/errors.log")"

expect_good "the CA that a script has stored before a restart" '
  if select(2, node.bootreason()) == 4 then
    tls.cert.verify(true) client()
  else
    tls.cert.verify(read "ca.pem") node.restart()
  end'

# The file that a firmware has built in, else the system's certificates.
cp "$work/ca.pem" "$work/flash/server-ca.crt"
expect_good "the CA in the flash" 'assert(tls.cert.verify(true)) client()'
rm "$work/flash/server-ca.crt"
same "the system's CAs" "$failed" "$(run 'assert(tls.cert.verify(true)) client()')"
has "the divergence" 'tls.cert.verify(true) without a certificate: the device raises "no certificates found"' \
  "$(cat "$work/errors.log")"
run 'tls.cert.verify(true)' --strict
has "strict" "no certificates found" "$(cat "$work/errors.log")"

same "a hold, and the rest of its functions" "127.0.0.1
held
HELLO" "$(run '
  tls.cert.verify(read "ca.pem")
  local s, is_held = tls.createConnection()
  s:dns("localhost", function(_, ip) print(ip) end)
  s:on("connection", function() s:on("dns", nil) s:send "hello" s:hold() is_held = true end)
  s:on("receive", function(_, text) print(is_held or text) s:close() end)
  s:on("sent", function()
    tmr.create():alarm(50, tmr.ALARM_SINGLE, function() print "held" is_held = nil s:unhold() end)
  end)
  tmr.create():alarm(20, tmr.ALARM_SINGLE, function() s:on("dns", nil) s:connect(PORT, "localhost") end)')"
run 'tls.setDebug(2) tls.cert.verify(read "ca.pem") client()' >/dev/null
has "what mbedTLS reports" "TLS<2> ssl_cli.c:" "$(sed 's/ssl_[a-z0-9_]*\.c/ssl_cli.c/' "$work/errors.log")"
run 'tls.setDebug(2) tls.setDebug(0) tls.cert.verify(read "ca.pem") client()' >/dev/null
same "no more reports" "" "$(cat "$work/errors.log")"

# The trace has the plaintext only on request.
run 'tls.cert.verify(read "ca.pem") client()' --trace >/dev/null
has "the version and the cipher" "tls            localhost:$port (TLSv1.2 with TLS-ECDHE-" "$(cat "$work/errors.log")"
same "plaintext" 0 "$(grep -ci '"hello"' "$work/errors.log")"
run 'tls.cert.verify(read "ca.pem") client()' --trace-tls >/dev/null
has "what is sent" "> tls-send       localhost 127.0.0.1:$port 5 bytes \"hello\"" "$(cat "$work/errors.log")"
has "what is received" "< tls-receive    localhost 127.0.0.1:$port 5 bytes \"HELLO\"" "$(cat "$work/errors.log")"

# net's flag of older firmware
same "net.createConnection with the flag" "HELLO" "$(run '
  tls.cert.verify(read "ca.pem")
  local sk = net.createConnection(net.TCP, 1)
  sk:on("receive", function(c, text) print(text) c:close() end)
  sk:connect(PORT, "localhost", function(c) c:send "hello" end)')"
has "the divergence" "net.createConnection with the flag for TLS" "$(cat "$work/errors.log")"
same "its failure" "-28" "$(run '
  tls.cert.verify(read "self.pem")
  local sk = net.createConnection(net.TCP, true)
  sk:on("reconnection", function(_, code) print(code) end)
  sk:connect(PORT, "localhost")')"

run '
  tls.cert.auth(read "client.pem", (read "client.key"):gsub("[a-m]", "A"))
  net.createConnection(net.TCP, true):connect(PORT, "localhost")'
has "the line of a mistake" "(command line):21: cannot read the private key" "$(cat "$work/errors.log")"

same "messages for mistakes" "No PEM header
Wrong PEM type
Invalid character in PEM
Invalid PEM format data
Wrong PEM type
no certificates found
invalid port
already connected
invalid method
invalid callback function" "$(run '
  local function try(...) print((select(2, pcall(...)):gsub("^[^ ]*:%d+: ", ""))) end
  try(tls.cert.verify, "no PEM")
  try(tls.cert.verify, read "client.key")
  try(tls.cert.verify, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")
  try(tls.cert.verify, "-----BEGIN CERTIFICATE-----\nabcd\n")
  try(tls.cert.auth, read "server.pem", read "server.key")
  try(tls.cert.auth, true)
  local s = tls.createConnection()
  s:send "lost" s:close() s:hold() s:unhold() assert(s:getpeer() == nil)
  try(s.connect, s, 0)
  s:connect(PORT)
  try(s.connect, s, PORT)
  try(s.on, s, "recieve", print)
  try(s.on, s, "receive", 1)
  s:close()')"
same "a name that is unknown" "dns	nil" "$(run '
  local s = client "no.such.host.invalid"
  s:on("dns", function(_, ip) print("dns", ip) end)' --dns 127.0.0.1:9)"

# The device's own certificate
use ask
expect_good "auth" 'tls.cert.auth(read "client.pem", read "client.key") client()'
wait_for server 'ask: TLSv1.2 from client.example'
expect_good "auth with a function" 'tls.cert.auth(function(n) return n == 0 and read "client.key" or
  n == 1 and read "client.pem" end) client()'
same "without a certificate" "$failed" "$(run 'client()')"
has "the reason" "localhost refused the TLS connection" "$(cat "$work/errors.log")"

# What the device cannot do
limits() {
  use "$1"
  expect_good "beyond the device: $1" 'tls.cert.verify(read "ca.pem") client()'
  limit=$(cat "$work/errors.log")
  same "strict, beyond the device: $1" "$failed" "$(run 'tls.cert.verify(read "ca.pem") client()' --strict)"
}
limits big
case $limit in
  "netmcu: a message of "[5-9]*" bytes in a TLS handshake: the device takes at most 4096") ;;
  *) fail "the divergence of a large message: $limit" ;;
esac
has "the reason in strict mode" "$limit" "$(cat "$work/errors.log")"
limits lacking
same "the divergence of a cipher" \
  "netmcu: a TLS cipher that the firmware lacks: the device and the server have no cipher in common" "$limit"
limits named
same "the divergence of a name" "netmcu: a TLS server that uses the name it is sent (SNI): firmware releases send none; \
netmcu --tls-check shows whether the server needs it" "$limit"
has "the reason in strict mode" "there is no server of this name (alert 112); as on the device, it was not sent its name" \
  "$(cat "$work/errors.log")"
use plain
same "a name that is wrong, in strict mode" "$failed" "$(run 'tls.cert.verify(read "ca.pem") client "api.example"' \
  --resolve api.example=127.0.0.1 --strict)"
has "the reason" "certificate of api.example is made for another name (server.example)" "$(cat "$work/errors.log")"
same "a large record" 10000 "$(run '
  tls.cert.verify(read "ca.pem")
  local s, size = tls.createConnection(), 0
  s:on("connection", function() s:send(("x"):rep(10000)) end)
  s:on("receive", function(_, text)
    size = size + #text
    if size == 10000 then print(size) s:close() end
  end)
  s:connect(PORT, "localhost")')"
has "the divergence of a large record" "a TLS record of 10000 bytes: the device asks for 4096" "$(cat "$work/errors.log")"
run 'tls.cert.verify(read "ca.pem") client() client()' >/dev/null
has "the divergence of a second connection" \
  "TLS connection number 2 at once: the device's heap has room for one" "$(cat "$work/errors.log")"
run 'tls.cert.verify(read "ca.pem") client() print(pcall(client))' --strict >"$work/second.log"
has "strict, a second connection" "out of memory" "$(cat "$work/second.log")"

# The ends of connections
use greet
same "a server that ends" "connection
GREET
disconnection" "$(run '
  local s = tls.createConnection()
  s:on("connection", function() print "connection" end)
  s:on("receive", function(_, text) print(text) end)
  s:on("disconnection", function() print "disconnection" end)
  s:connect(PORT, "localhost")')"
wait_for server 'greet: unwrapped'
use cut
same "a server that ends without the end mark" "connection	127.0.0.1	$port
sent
disconnection" "$(run 'client():on("receive", function() end)')"
