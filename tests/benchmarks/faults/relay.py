"""A TCP relay for one connection, whose client vanishes on demand."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER, no seconds: close sends RST (socket(7))


class Relay:
    """Listens at `address` and passes on what one client and `target` (host:port) say."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, how: str) -> None:
        """End the connection: "closed" as by a program that ends, "reset" as by one that dies."""
        self._listener.close()
        for end in self._ends:
            with suppress(OSError):
                if how == "reset":
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                # wakes the thread that reads, which keeps the connection open
                end.shutdown(socket.SHUT_RD if how == "reset" else socket.SHUT_RDWR)
            end.close()

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        server = socket.create_connection(self._target)
        self._ends = [client, server]
        threading.Thread(target=_pass_on, args=(client, server), daemon=True).start()
        _pass_on(server, client)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):  # it was cut
        while data := source.recv(65536):
            sink.sendall(data)
