"""A TLS server for the tests, with Python's ssl, which is OpenSSL.

usage: tls_server.py FOLDER NAME [MODE...]     with NAME.pem and NAME.key of the folder

It prints its port, then a line for each connection: the version, the client's certificate, and how
the connection ended. It sends back what it receives, in capitals. Modes:
  ask      asks clients for a certificate
  version  takes TLS 1.2 only
  lacking  takes only ciphers that the device lacks
  greet    sends a greeting and ends, without waiting for anything
  cut      ends connections without TLS's end mark
"""
import socket
import ssl
import sys

folder, name, *modes = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
if "ask" in modes:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(f"{folder}/ca.pem")
if "lacking" in modes:
    context.set_ciphers("ECDHE-ECDSA-CHACHA20-POLY1305")


def name_of(certificate):
    return dict(field[0] for field in certificate["subject"])["commonName"] if certificate else "nobody"


def talk(client):
    data = b"greet" if "greet" in modes else client.recv(100000)
    while data:
        client.sendall(data.upper())
        if "greet" in modes or "cut" in modes:
            break
        data = client.recv(100000)
    if "cut" in modes:
        client.close()
        return "cut"
    client.unwrap()
    return "unwrapped"


def serve(connection):
    try:
        client = context.wrap_socket(connection, server_side=True)
        print(client.version(), "from", name_of(client.getpeercert()), flush=True)
        print(talk(client), flush=True)
    except (OSError, ssl.SSLError) as error:
        print("error", getattr(error, "reason", None) or error, flush=True)
    finally:
        connection.close()


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(5)
print(listener.getsockname()[1], flush=True)
while True:
    serve(listener.accept()[0])
