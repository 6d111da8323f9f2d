"""A web server for the tests, with Python's http.server, and its ssl, which is OpenSSL.

usage: web_server.py [FOLDER NAME]     over TLS, with NAME.pem and NAME.key of the folder

It prints its port, then a line for each request. A path /to/URL redirects there. Any other path gets
a JSON text, in chunks.
"""
import http.server
import json
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        print(self.command, self.path, self.headers["Accept"], body.decode(), flush=True)
        if self.path.startswith("/to/"):
            self.send_response(307)
            self.send_header("Location", self.path[4:])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        text = json.dumps({"current": {"time": "2026-11-28T09:00", "temperature_2m": -1.26, "wind_speed_10m": 7}})
        for at in range(0, 0 if self.command == "HEAD" else len(text), 10):
            piece = text[at:at + 10].encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if self.command != "HEAD":
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 1:
    folder, name = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
