"""A connection that can break: forwards to a server on loopback until so many bytes have come, then to nobody."""

import contextlib
import socket
import threading


class Proxy:
    """Listens on a port of its own; `cut_after` breaks it, `mend` makes it whole again."""

    def __init__(self, target: int) -> None:
        self._target, self._left, self._open = target, None, []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, count: int) -> None:
        self._left = count

    def mend(self) -> None:
        self._left = None

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._left is not None and self._left <= 0:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                threading.Thread(target=self._forward, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._forward, args=(server, client, True), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if counted and self._left is not None:
                    data, self._left = data[: max(self._left, 0)], self._left - len(data)
                sink.sendall(data)
                if self._left is not None and self._left <= 0:
                    break
        ends = self._open if self._left is not None and self._left <= 0 else [source, sink]
        for end in list(ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
