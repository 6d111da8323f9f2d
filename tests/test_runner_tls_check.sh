#!/bin/sh
# netmcu --tls-check says whether the chip could connect to a server, and if not, why. The servers
# are OpenSSL.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need python3 openssl
"$NETMCU" --tls-check localhost:1 >"$work/closed.log" 2>&1 && fail "a closed port has status 0"
case $(cat "$work/closed.log") in
  *"built without TLS"*) skip "netmcu was built without TLS" ;;
esac
same "a closed port" "localhost:1: the chip cannot connect: it refuses the connection" "$(cat "$work/closed.log")"
make_certificates
start server python3 -W ignore "$NETMCU_SOURCE/tests/support/tls_server.py" "$work" \
  plain big lacking new old chain expired named shared

# check STATUS MODE [OPTION...]: checks the server of this mode; sets $line and writes the others
check() {
  status=$1 mode=$2
  shift 2
  wait_for server "$mode: port "
  port=$(sed -n "s/^$mode: port //p" "$work/server.log")
  SSL_CERT_FILE=$work/ca.pem "$NETMCU" --timeout $patience "$@" --tls-check "localhost:$port" >"$work/check.log" 2>&1
  same "exit status, $mode" "$status" $?
  line=$(sed -n "1s/^localhost:$port: the chip //p" "$work/check.log")
}

# rest WHAT TEXT
rest() {
  has "$1" "$2" "$(cat "$work/check.log")"
}

check 0 plain
same "a server as the chip wants it" "can connect" "$line"
same "the remaining lines" 4 "$(grep -c '^  ' "$work/check.log")"
rest "version and cipher" "  TLSv1.2 with TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384"
rest "the certificate" "  certificate 1: server.example, by Test CA, from $(date -u +%Y)-"
rest "the largest message" " of 4096 bytes"
rest "the authorities" "  by the system's certificates: trusted"

check 0 expired # the chip has no clock
rest "an expired certificate" "by the system's certificates: certificate of localhost expired on 2020-01-02"
check 0 plain --resolve api.example=127.0.0.1
SSL_CERT_FILE=$work/ca.pem "$NETMCU" --resolve api.example=127.0.0.1 --tls-check "api.example:$port" >"$work/check.log"
rest "another name" "certificate of api.example is made for another name (server.example)"

check 1 big
case $line in
  "cannot connect: a message of "[5-9]*" bytes in a TLS handshake: the device takes at most 4096") ;;
  *) fail "a large certificate: $line" ;;
esac
rest "what a desktop gets" "certificate 1: big.example, by Test CA"
check 1 chain
has "many certificates" "bytes in a TLS handshake: the device takes at most 4096" "$line"
rest "the last of them" "certificate 11: Test CA"
check 1 lacking
has "a cipher that the chip lacks" "no version, cipher or curve in common (alert 40); the chip has AES and Camellia" "$line"
rest "what a desktop uses" "TLSv1" # CHACHA20, or with TLS 1.3 a cipher of that version
check 1 new
has "TLS 1.3" "no version of TLS in common (alert 70); the chip has TLS 1.2" "$line"
check 1 old
has "TLS 1.1" "no version of TLS in common; the chip has TLS 1.2" "$line"
check 1 named
same "a server that needs its name" "cannot connect: the server needs its name (SNI), which firmware releases do not send" "$line"
check 1 shared
has "a server with several names" "it answers with the certificate of client.example" "$line"

# wrong SERVER
wrong() {
  "$NETMCU" --tls-check "$@" >"$work/check.log" 2>&1
  same "exit status of $*" 2 $?
}
wrong "local host"
rest "what is expected" "netmcu: --tls-check local host: HOST or HOST:PORT expected"
wrong localhost:0
wrong localhost:65536
wrong localhost script.lua
same "an unknown name" "no.such.host.invalid:443: the chip cannot connect: its name is not found" \
  "$("$NETMCU" --dns 127.0.0.1:9 --tls-check no.such.host.invalid)"
