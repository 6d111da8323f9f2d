"""TLS servers for the tests, with Python's ssl, which is OpenSSL.

usage: tls_server.py FOLDER MODE...     with the certificates that certificates.sh made in the folder

It runs one server for each mode. It prints "MODE: port PORT" for each, then lines that begin with the
mode for each connection: the version, the client's certificate, and how the connection ended. Each
server sends back what it receives, in capitals. Modes:
  plain    does nothing else
  ask      asks clients for a certificate
  big      has a certificate of more than 4 KiB
  lacking  accepts only ciphers that the device lacks
  greet    sends a greeting and ends, without waiting for anything
  cut      ends connections without TLS's end mark
  new      knows only TLS 1.3
  old      knows only TLS 1.1
  chain    sends so many certificates that the message has more than 4 KiB
  expired  has a certificate that has expired
  named    refuses clients that do not name the server (SNI)
  shared   has the certificate of client.example for them
"""
import socket
import ssl
import sys
import threading

folder, *modes = sys.argv[1:]


def load(name, key=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{key or name}.key")
    return context


def ask_for_name(context):
    def check(_connection, name, _context):
        return None if name else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = check


def share(context):
    other = load("client")

    def choose(connection, name, _context):
        connection.context = context if name else other

    context.sni_callback = choose


def only(context, version):
    context.minimum_version = context.maximum_version = version


def create_context(mode):
    context = load(mode, "server") if mode == "chain" else load(mode if mode in ("big", "expired") else "server")
    if mode == "ask":
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(f"{folder}/ca.pem")
    elif mode == "lacking":
        context.set_ciphers("ECDHE-ECDSA-CHACHA20-POLY1305")
    elif mode == "new":
        only(context, ssl.TLSVersion.TLSv1_3)
    elif mode == "old":
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        only(context, ssl.TLSVersion.TLSv1_1)
    elif mode == "named":
        ask_for_name(context)
    elif mode == "shared":
        share(context)
    return context


def name_of(certificate):
    return dict(field[0] for field in certificate["subject"])["commonName"] if certificate else "nobody"


def talk(mode, client):
    data = b"greet" if mode == "greet" else client.recv(100000)
    while data:
        client.sendall(data.upper())
        if mode in ("greet", "cut"):
            break
        data = client.recv(100000)
    if mode == "cut":
        client.close()
        return "cut"
    client.unwrap()
    return "unwrapped"


def report(mode, *texts):
    sys.stdout.write(" ".join([f"{mode}:", *map(str, texts)]) + "\n")
    sys.stdout.flush()


def serve(mode, context, connection):
    try:
        client = context.wrap_socket(connection, server_side=True)
        report(mode, client.version(), "from", name_of(client.getpeercert()))
        report(mode, talk(mode, client))
    except (OSError, ssl.SSLError) as error:
        report(mode, "error", getattr(error, "reason", None) or error)
    finally:
        connection.close()


def run(mode):
    context = create_context(mode)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        report(mode, "port", listener.getsockname()[1])
        while True:
            serve(mode, context, listener.accept()[0])


for mode in modes:
    threading.Thread(target=run, args=(mode,)).start()
