# SPDX-License-Identifier: MIT
"""A webhook of custom allocation: HTTPS on a free port of 127.0.0.1.

webhook.py FOLDER CERTIFICATE KEY

Its port is in FOLDER/port once it listens. A POST to /NAME is kept in
FOLDER/NAME.request and answered by FOLDER/NAME.answer, with the status in
FOLDER/NAME.status, or 200; while there is FOLDER/NAME.hold, not yet. What is
behind a '?' makes no difference.
"""
import http.server
import os
import pathlib
import signal
import ssl
import sys
import time

LIFETIME_SECONDS = 300  # should nobody end it

folder = pathlib.Path(sys.argv[1])


class Webhook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_POST(self):
        name = os.path.basename(self.path.partition("?")[0])
        length = int(self.headers["Content-Length"])
        (folder / f"{name}.request").write_bytes(self.rfile.read(length))
        while (folder / f"{name}.hold").exists():
            time.sleep(0.05)
        status = folder / f"{name}.status"
        answer = (folder / f"{name}.answer").read_bytes()
        self.send_response(int(status.read_text()) if status.exists() else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


signal.alarm(LIFETIME_SECONDS)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
server.socket = context.wrap_socket(server.socket, server_side=True)
(folder / "port.new").write_text(str(server.server_port))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
