"""Namespaces of Linux, without root: a lab's commands see their host's files, processes and network alone.

One user, mount and process namespace holds the whole lab, so that its end takes every process and mount
with it, however it ends. Commands have no network but a loopback of their own: a rehearsal cannot reach
production. This keeps mistakes in; it is no wall against commands that want out.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

_NEWNS, _NEWUTS, _NEWIPC = 0x00020000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_NOSUID, _NODEV, _NOEXEC = 2, 4, 8
_SIOCSIFFLAGS, _UP = 0x8914, 1
_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/lib32",
    "/nix",
    "/etc/alternatives",
    "/etc/ssl",
    "/etc/ld.so.cache",
)
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE = 442, -100, 0x8000
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_libc = ctypes.CDLL(None, use_errno=True)


def enter() -> None:
    """Move this process into a new user namespace, its children into a new process namespace.

    Raises OSError where the machine does not allow it. The process must have one thread only.
    """
    uid, gid = os.geteuid(), os.getegid()
    _unshare(_NEWUSER | _NEWPID)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")


def own_mounts() -> None:
    """Make what this process and its children mount invisible to everybody else.

    The lab's first process stays outside: it deletes the hosts' roots, and must not see what is mounted
    in them.
    """
    _unshare(_NEWNS)
    _mount(None, "/", _REC | _PRIVATE)


def why_not(directory: Path) -> str:
    """Return why isolation cannot be had here, found by trying it in a child; an empty string when it can."""
    if not sys.platform.startswith("linux"):
        return "only Linux has namespaces"
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            enter()
            own_mounts()
            _mount("/usr", str(directory), _BIND)
        except OSError as error:
            os.write(writer, f"the system refuses a user namespace: {error.strerror}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        why = file.read().decode()
    os.waitpid(child, 0)
    return why


def build(base: Path, roots: Sequence[Path], shims: Path) -> None:
    """Mount the machine's programs, read-only, into every root. Called as process 1 of the namespace."""
    own_mounts()
    parts = [part for name in _SYSTEM if (part := _system(base, name))]
    device_folder = _devices(base)
    programs = base / "programs"
    _bind(shims, programs)
    _read_only(programs)
    processes = base / "proc"
    processes.mkdir(exist_ok=True)
    shared = [*parts, (device_folder, "dev"), (programs, "lab/bin")]
    try:
        _mount("proc", str(processes), _NOSUID | _NODEV | _NOEXEC, "proc")
        shared.append((processes, "proc"))
    except OSError:
        pass  # inside a container that masks parts of its own /proc; only ps and the like miss it
    for root in roots:
        for source, name in shared:
            _bind(source, root / name)


def links() -> dict[str, str]:
    """Return the machine's links at the top (`/bin` to `usr/bin`): each root has the same."""
    return {name[1:]: os.readlink(name) for name in _SYSTEM if os.path.islink(name)}


def leave_network() -> None:
    """Give this process and its children a network of their own with nothing but a loopback."""
    _unshare(_NEWNET | _NEWIPC)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _UP))


def become(name: str, root: str) -> None:
    """Make this process one of the host's: its name, its files."""
    _unshare(_NEWUTS)
    encoded = name.encode()[:64]
    if _libc.sethostname(encoded, len(encoded)):
        _fail("sethostname")
    os.chroot(root)
    os.chdir("/")


def _system(base: Path, name: str) -> tuple[Path, str] | None:
    """Bind one of the machine's folders read-only below `base`."""
    if os.path.islink(name) or not os.path.exists(name):
        return None
    target = base / name[1:]
    _bind(name, target)
    _read_only(target)
    return target, name[1:]


def _bind(source: str | Path, target: Path) -> None:
    if os.path.isdir(source):
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount(str(source), str(target), _BIND | _REC)


def _read_only(target: Path) -> None:
    """Make a mount read-only with all that is mounted below it."""
    attributes = struct.pack("QQQQ", _RDONLY, 0, 0, 0)
    path = ctypes.c_char_p(str(target).encode())
    if _libc.syscall(_MOUNT_SETATTR, _AT_FDCWD, path, _AT_RECURSIVE, attributes, len(attributes)):
        # Before Linux 5.12 one mount at a time; the flags that it has may not be taken off here.
        flags = os.statvfs(target).f_flag & (_NOSUID | _NODEV | _NOEXEC)
        _mount(None, str(target), _BIND | _REMOUNT | _RDONLY | flags)


def _devices(base: Path) -> Path:
    folder = base / "dev"
    folder.mkdir(exist_ok=True)
    for name in _DEVICES:
        if os.path.exists(f"/dev/{name}"):
            _bind(f"/dev/{name}", folder / name)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(target)
    return folder


def _unshare(flags: int) -> None:
    if _libc.unshare(flags):
        _fail("unshare")


def _mount(source: str | None, target: str, flags: int, kind: str | None = None) -> None:
    words = [word.encode() if word is not None else None for word in (source, target, kind)]
    if _libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), None):
        _fail(target)


def _fail(what: str) -> None:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), what)
