"""Stands in for `skyserver serve` where its process alone matters: it starts at once.

Its arguments are the file of the answer that every request gets, then Python's own as the package
gives them: -u -c CODE LOG serve --port 0 --http-port PORT.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

answer = Path(sys.argv[1]).read_bytes()
port = int(sys.argv[-1])
with socket.create_server(("127.0.0.1", port)) as listener:
    Path(sys.argv[5]).write_text(f"SkyServer answers at 127.0.0.1:{port}\n")
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(65536)  # or what is on its way would be lost in a reset
