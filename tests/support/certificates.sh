#!/bin/sh
# Makes the certificates of the tests of TLS, with openssl, in a folder:
#   ca.pem                        a CA of the test's own
#   server.pem, server.key        for localhost, tls.example and 127.0.0.1, signed by it
#   client.pem, client.key        for a client, signed by it; with RSA, as the device's flash wants it
#   expired.pem, expired.key      was for localhost, until 2020-01-02
#   big.pem, big.key              as the server's, but with more than 4 KiB of names
#   chain.pem                     the server's, and so many others that there are more than 4 KiB
#   self.pem, self.key            for localhost, signed by itself
#   usage: certificates.sh FOLDER
set -e
cd "$1"

ec() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

# sign NAME EXTENSIONS OPTION...: a certificate for NAME.key, signed by the CA
sign() {
  name=$1
  [ -s "$name.key" ] || ec "$name.key"
  printf '%b' "$2" >"$name.ext"
  shift 2
  openssl req -new -key "$name.key" -subj "/CN=$name.example" -out "$name.csr"
  openssl ca -batch -config ca.conf -extfile "$name.ext" -in "$name.csr" -out "$name.pem" -notext "$@" 2>>openssl.log ||
    { cat openssl.log; exit 1; }
}

cat >ca.conf <<'CONF'
[ca]
default_ca = test
[test]
database = index
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 30
policy = any
unique_subject = no
[any]
commonName = supplied
CONF
: >index
echo 1000 >serial
ec ca.key
openssl req -x509 -new -key ca.key -subj '/CN=Test CA' -days 30 -out ca.pem
names=subjectAltName=DNS:localhost,DNS:tls.example,IP:127.0.0.1
sign server "$names"
openssl genrsa -traditional -out client.key 2048
sign client 'keyUsage=digitalSignature'
sign expired "$names" -startdate 190101000000Z -enddate 200102000000Z
many=$(awk 'BEGIN { for (i = 0; i < 200; i++) printf ",DNS:host-number-%d.tls.example", i }')
sign big "$names$many"
i=0
cat server.pem >chain.pem
while [ $i -lt 10 ]; do
  cat ca.pem >>chain.pem
  i=$((i + 1))
done
ec self.key
openssl req -x509 -new -key self.key -subj '/CN=localhost' -days 30 -out self.pem
