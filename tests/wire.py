"""A wire between browser and server that a test can cut, leave dead, and mend: plain TCP."""

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_AT_ONCE = struct.pack("ii", 1, 0)  # closing sends a reset, as a wire that is gone


class Wire:
    """Hands bytes on to the server while it is whole.

    `cut` resets what is open and refuses what is new, as when the server's machine is gone. `hush`
    swallows all bytes and says nothing, as when a phone has walked out of reach.
    """

    def __init__(self, to_port: int) -> None:
        """Listen on a free port of this machine; `to_port` may change while the wire is cut."""
        self.to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._is_cut = False
        self._is_silent = False
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where a browser comes in."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Nothing goes through any more, and both ends are told."""
        with self._lock:
            self._is_cut = True
            ends, self._open = self._open, set()
        for end in ends:
            _reset(end)

    def hush(self) -> None:
        """Nothing goes through any more, and neither end is told."""
        self._is_silent = True

    def mend(self) -> None:
        """What comes from now on goes through; what was open in silence stays dead."""
        with self._lock:
            self._is_cut = self._is_silent = False

    def close(self) -> None:
        """Take the wire down."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                browser, _address = self._listener.accept()
            except OSError:
                return  # the wire was taken down
            threading.Thread(target=self._join, args=(browser,), daemon=True).start()

    def _join(self, browser: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.to_port))
        except OSError:
            _reset(browser)
            return
        with self._lock:
            is_cut = self._is_cut
            self._open |= set() if is_cut else {browser, server}
        if is_cut:
            _reset(browser)
            _reset(server)
            return
        with suppress(OSError, ValueError):
            self._carry(browser, server)
        with self._lock:
            ours = {browser, server} & self._open
            self._open -= ours
        for end in ours:
            end.close()

    def _carry(self, browser: socket.socket, server: socket.socket) -> None:
        dead = self._is_silent
        while True:
            ready, _writable, _odd = select.select([browser, server], [], [], 0.5)
            dead = dead or self._is_silent
            for end in ready:
                said = end.recv(65_536)
                if not said:
                    return
                if not dead:
                    (server if end is browser else browser).sendall(said)


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def wired(to_port: int) -> Iterator[Wire]:
    """A wire to the server on this port, taken down at the end."""
    wire = Wire(to_port)
    try:
        yield wire
    finally:
        wire.close()
