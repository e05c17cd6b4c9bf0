#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An HTTPS server on loopback whose clock is wrong, for tests."""
import argparse
import email.utils
import http.server
import os
import ssl
import time


class Handler(http.server.BaseHTTPRequestHandler):
    offset = 0

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(time.time() + self.offset, usegmt=True)

    def do_HEAD(self):
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--offset", type=int, required=True, help="seconds")
    options = parser.parse_args()
    Handler.offset = options.offset
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with open(options.port_file + ".new", "w") as file:
        print(server.server_port, file=file)
    os.rename(options.port_file + ".new", options.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
