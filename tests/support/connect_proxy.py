#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A proxy on loopback that knows CONNECT and nothing else, for tests."""
import argparse
import os
import selectors
import socket
import threading


def read_head(client):
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = client.recv(1)
        if not chunk:
            return None
        head += chunk
    return head.split(b"\r\n")[0].decode()


def shovel(one, other):
    """Carries bytes both ways until either end is closed."""
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select(60) or [(None, None)]:
                data = key.fileobj.recv(65536) if key else b""
                if not data:
                    return
                key.data.sendall(data)


def serve(client, options):
    with client:
        line = read_head(client)
        if line is None:
            return
        if options.refuse:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        host, port = line.split()[1].rsplit(":", 1)
        with socket.create_connection((host, options.to or int(port))) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            shovel(client, server)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--refuse", action="store_true")
    parser.add_argument("--to", type=int, help="connect to this port instead")
    options = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with open(options.port_file + ".new", "w") as file:
            print(listener.getsockname()[1], file=file)
        os.rename(options.port_file + ".new", options.port_file)
        while True:
            client, _ = listener.accept()
            threading.Thread(
                target=serve, args=(client, options), daemon=True).start()


if __name__ == "__main__":
    main()
