# SPDX-License-Identifier: MIT
"""An HTTP proxy that tunnels (CONNECT) on a free port of 127.0.0.1.

Its port is in FOLDER/port once it listens. Each request is a line of
FOLDER/log: the status of the answer and what it was to be connected with. Who
does not show the password, if there is one, is answered 407, and whoever does
the status in FOLDER/deny, if there is such a file.
"""
import argparse
import base64
import pathlib
import signal
import socket
import socketserver
import threading

LIFETIME_SECONDS = 300  # should nobody end it
HEAD_MAX = 65536

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("password", nargs="?", metavar="USER:PASSWORD")
parser.add_argument("--to", type=int, metavar="PORT", help="instead of theirs")
options = parser.parse_args()
folder, password = options.folder, options.password


def copy(source, target):
    """One direction of a tunnel; its end is passed on."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Proxy(socketserver.StreamRequestHandler):
    timeout = 60

    def is_known(self, lines):
        if password is None:
            return True
        wanted = "basic " + base64.b64encode(password.encode()).decode()
        for line in lines:
            name, _, value = line.partition(":")
            if name.lower() == "proxy-authorization":
                scheme, _, token = value.strip().partition(" ")
                return f"{scheme.lower()} {token}" == wanted
        return False

    def answer(self, status, target, headers=""):
        with open(folder / "log", "a", encoding="utf-8") as log:
            log.write(f"{status} {target}\n")
        self.wfile.write(f"HTTP/1.1 {status} -\r\n{headers}\r\n".encode())

    def handle(self):
        lines = []
        while line := self.rfile.readline(HEAD_MAX).decode().strip():
            lines.append(line)
        if not lines:
            return
        method, target, _ = lines[0].split(" ")
        if not self.is_known(lines[1:]):
            return self.answer(
                407, target, 'Proxy-Authenticate: Basic realm="test"\r\n'
                "Content-Length: 0\r\n")
        if (folder / "deny").exists():
            status = int((folder / "deny").read_text())
            return self.answer(status, target, "Content-Length: 0\r\n")
        if method != "CONNECT":
            return self.answer(405, target, "Content-Length: 0\r\n")
        host, _, port = target.rpartition(":")
        try:
            upstream = socket.create_connection((host, options.to or int(port)))
        except OSError:
            return self.answer(502, target, "Content-Length: 0\r\n")
        with upstream:
            self.answer(200, target)
            back = threading.Thread(
                target=copy, args=(upstream, self.connection))
            back.start()
            copy(self.connection, upstream)
            back.join()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


signal.alarm(LIFETIME_SECONDS)
with Server(("127.0.0.1", 0), Proxy) as server:
    (folder / "port.new").write_text(str(server.server_address[1]))
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()
