# SPDX-License-Identifier: MIT
"""What a service manager hears: notify.py SOCKET; a message after the other."""
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
while True:
    print(listener.recv(65536).decode(), flush=True)
