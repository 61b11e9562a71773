"""A PostgreSQL server of the tests' own: started once for a run, gone at its end, also for root."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Tests lose nothing in a power cut, so the server need not wait for the disk.
_HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class NoPostgres(Exception):
    """The programs of PostgreSQL are not on this machine."""


@dataclass(frozen=True)
class Server:
    """A running server; `admin_url` is where databases are made."""

    url: str

    def database(self, name: str) -> str:
        """The URL of one of its databases, as `KOPPROD_DB` wants it."""
        return f"{self.url}/{name}"


def program(name: str) -> str:
    """Where one of PostgreSQL's programs is; Debian keeps them outside the PATH."""
    found = shutil.which(name)
    if found:
        return found
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if not places:
        raise NoPostgres(f"{name} is not here; on Debian: apt install postgresql")
    return str(places[0])


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server on a free port of 127.0.0.1 until the caller is done with it."""
    folder = Path(
        tempfile.mkdtemp(prefix="kp-pg-", dir="/tmp")
    )  # short: a socket's path is limited
    try:
        with _started(folder, _free_port()) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(folder: Path, port: int) -> Iterator[Server]:
    user = _owner(folder)
    data = folder / "data"
    subprocess.run(
        [program("initdb"), "-D", str(data), "-U", "kopprod", "-A", "trust", "-E", "UTF8"]
        + ["--locale=C.UTF-8", "--no-sync"],
        user=user,
        cwd=folder,
        check=True,
        capture_output=True,
    )
    settings = [*_HASTE, f"port={port}", "listen_addresses=127.0.0.1", "max_connections=200"]
    settings.append(f"unix_socket_directories={folder}")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program("postgres"), "-D", str(data), *(f"--{setting}" for setting in settings)],
            user=user,
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(process, port, folder / "log")
        yield Server(f"postgresql+psycopg://kopprod@127.0.0.1:{port}")
    finally:
        process.terminate()  # SIGTERM lets open sessions end; the tests have closed theirs
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _owner(folder: Path) -> str | None:
    """Whom the server runs as: PostgreSQL refuses root, so then it is user postgres."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "postgres", "postgres")
    return "postgres"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 30
    asking = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(asking, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.05)
