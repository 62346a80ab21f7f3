"""The socket of a run: where it lies, who may connect, how a message is framed (JSON lines)."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import socket
import stat
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from gonogo.errors import RunError

MESSAGE_LIMIT = 256 << 10
"""Bytes of one message from a screen."""


PATH_LIMIT = 100
"""Bytes of a socket's path; macOS takes 104, Linux 108."""


def socket_path(run: Path) -> Path:
    """Return a run's socket, in a folder that only we can enter; RunError when there is no such folder."""
    name = hashlib.sha256(os.fsencode(run.resolve())).hexdigest()[:20] + ".sock"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folders = [Path(runtime) / "gonogo"] if runtime else []
    bases = (tempfile.gettempdir(), "/tmp")  # noqa: S108
    folders += [Path(base) / f"gonogo-{os.getuid()}" for base in bases]
    folder = next(one for one in folders if len(os.fsencode(one / name)) <= PATH_LIMIT)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise RunError(f"{folder} is not a folder that only you can enter", f"Remove {folder}.")
    return folder / name


def peer_uid(connection: socket.socket) -> int:
    """Return the user at the other end of a unix socket."""
    if sys.platform == "darwin":
        # SOL_LOCAL, LOCAL_PEERCRED: struct xucred begins with version and uid, both 32 bits.
        return int(struct.unpack("II", connection.getsockopt(0, 1, 8))[1])
    size = struct.calcsize("3i")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(struct.unpack("3i", credentials)[1])


def pack(message: dict[str, Any]) -> bytes:
    """Return a message as a line."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


def unpack(line: bytes) -> dict[str, Any]:
    """Return a line's message; raise RunError for anything else."""
    try:
        # 1.6 us a record where the library's own takes 6.5.
        message = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        message = _unpack_any(line)
    if not isinstance(message, dict):
        raise RunError("that is no message")
    return message


def _unpack_any(line: bytes) -> Any:
    """Read what only the library's own parser takes: halves of a surrogate pair, as file names have them."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise RunError("that is no message") from None


def is_live(run: Path) -> bool:
    """Return whether a process drives this run; a socket left behind by a dead one does not count."""
    with socket.socket(socket.AF_UNIX) as sock:
        # Never waits: a process that is stopped has a full queue, and is there all the same.
        sock.setblocking(False)
        return sock.connect_ex(str(socket_path(run))) in (0, errno.EAGAIN, errno.EINPROGRESS)
