# SPDX-License-Identifier: MIT
"""A parent: stands for a hub, and passes on what its children send there.

parent.py HUB HUB-ADDRESS HUB-CA CERTIFICATE KEY PORT-FILE

A line for each request. Children prove themselves by signatures.
"""
import http.client
import http.server
import os
import ssl
import sys

hub, address, hub_ca, certificate, key, port_file = sys.argv[1:]


class Parent(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = dict(self.headers.items())
        print(self.command, self.path.split("?")[0], "for", headers.pop("Host"),
              flush=True)
        upstream = http.client.HTTPSConnection(
            address, timeout=60,
            context=ssl.create_default_context(cafile=hub_ca))
        upstream.request(self.command, self.path, body, {**headers, "Host": hub})
        answer = upstream.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() in ("content-type", "retry-after"):
                self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        upstream.close()

    do_GET = do_PUT = do_POST = do_DELETE = pass_on

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Parent)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".new", "w", encoding="ascii") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.serve_forever()
