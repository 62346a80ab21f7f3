"""Reading a repository that may be hostile.

A repository's own configuration can name programs in dozens of ways, and new ones come with every version
of git. So git never sees it: it is given a git directory of ours that holds links to the repository's
objects and references and nothing else. Objects are hashed here, because git takes loose ones on trust.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from gonogo import bounded

SECONDS = 10
"""Time for each question to git."""
OBJECT_LIMIT = 16 << 20
_FILE_LIMIT = 1 << 20
_HEAD = re.compile(rb"(?:ref: refs/heads/([^\x00-\x20\x7f~^:?*\[\\]+)|[0-9a-f]{40}|[0-9a-f]{64})\s*")
_QUIET = ("--no-pager", "--literal-pathspecs")
_LINKED = ("refs", "packed-refs", "shallow")


class Unreadable(Exception):
    """Why nothing can be known, in a few words."""


class Place(Struct, frozen=True):
    """Where a repository's parts are."""

    root: Path
    """The top of the work tree."""
    head: Path
    """The git directory of this work tree."""
    common: Path
    """The git directory that all its work trees share."""


def find(path: Path) -> Place | None:
    """Return the repository whose work tree holds a file (an absolute path without links), or None."""
    for folder in path.parents:
        head = folder / ".git"
        if head.is_file():
            line = read_small(head).decode("utf-8", "surrogateescape")
            if not line.startswith("gitdir: "):
                continue
            head = folder / line.removeprefix("gitdir: ").rstrip("\n")
        if (head / "HEAD").is_file():
            above = read_small(head / "commondir").decode("utf-8", "surrogateescape").rstrip("\n")
            return Place(folder, head, head / above if above else head)
    return None


def read_small(path: Path) -> bytes:
    """Return a plain file's bytes; nothing for what is missing, large or no plain file."""
    try:
        # Not blocking: opening a FIFO would wait for its writer.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return b""
            data = file.read(_FILE_LIMIT + 1)
    except (OSError, ValueError):
        return b""
    return data if len(data) <= _FILE_LIMIT else b""


def program(name: str) -> str:
    """Return a program's full path, or nothing; a PATH entry such as `.` could be the repository itself."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return shutil.which(name, path=os.pathsep.join(filter(os.path.isabs, folders))) or ""


class Git:
    """Git on a repository's objects and references, with a configuration of ours alone."""

    def __init__(self, place: Place, scratch: Path) -> None:
        """Make the git directory in `scratch`; raise Unreadable without git and for an unknown format."""
        self.scratch = scratch
        self._program = program("git")
        if not self._program:
            raise Unreadable("git is not installed")
        self._directory = scratch / "git"
        self._environment = self._clean_environment(os.path.realpath(place.common / "objects"))
        self._directory.mkdir()
        self.settings = self._settings(read_small(place.common / "config"))
        match = _HEAD.fullmatch(read_small(place.head / "HEAD"))
        if match is None or "extensions.refstorage" in self.settings:
            raise Unreadable("the repository's form is not known here")
        self.branch = (match[1] or b"").decode("utf-8", "surrogateescape")
        self.hash = "sha256" if self.settings.get("extensions.objectformat") == "sha256" else "sha1"
        version = "1\n[extensions]\nobjectFormat = sha256" if self.hash == "sha256" else "0"
        # Without commitGraph = false, a file that is not hashed could tell another history.
        (self._directory / "config").write_text(
            f"[core]\nbare = true\ncommitGraph = false\nrepositoryFormatVersion = {version}\n"
        )
        (self._directory / "HEAD").write_bytes(match[0])
        for name in _LINKED:
            if (place.common / name).exists():
                (self._directory / name).symlink_to((place.common / name).absolute())

    def ask(self, *arguments: str, limit: int = _FILE_LIMIT) -> bytes:
        """Return at most `limit` bytes of what git prints; raise Unreadable when it hangs."""
        words = [self._program, *_QUIET, *arguments]
        ran = bounded.run(words, seconds=SECONDS, limit=limit, cwd=self.scratch, env=self._environment)
        if ran.late:
            raise Unreadable(f"git did not answer within {SECONDS} s")
        return ran.output[:limit]

    def operators(self, name: str) -> str:
        """Return a setting that the operator or the machine has, a path; never the repository's."""
        words = [self._program, "config", "--includes", "--path", "--get", name]
        environment = {**os.environ, "GIT_DIR": str(self._directory)}
        ran = bounded.run(words, seconds=SECONDS, limit=_FILE_LIMIT, cwd=self.scratch, env=environment)
        return os.fsdecode(ran.output).rstrip("\n")

    def talk(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start git to be asked question after question."""
        return subprocess.Popen(
            [self._program, *_QUIET, *arguments],
            cwd=self.scratch,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _clean_environment(self, objects: str) -> dict[str, str]:
        """Leave out every setting of the operator and of the machine."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        return kept | {
            "GIT_DIR": str(self._directory),
            # Not by a link: alternates may be relative to it.
            "GIT_OBJECT_DIRECTORY": objects,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "HOME": str(self.scratch),
            "XDG_CONFIG_HOME": str(self.scratch),
            "LC_ALL": "C",
        }

    def _settings(self, config: bytes) -> dict[str, str]:
        """Read a configuration as data, without the files that it includes."""
        copy = self.scratch / "settings"
        copy.write_bytes(config)
        listed = self.ask("config", "--file", str(copy), "--no-includes", "--null", "--list")
        pairs = (item.partition("\n") for item in listed.decode("utf-8", "replace").split("\0"))
        return {key: value for key, _, value in pairs}


class Objects:
    """The objects of a repository, each one hashed."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._trees: dict[str, dict[bytes, tuple[bytes, str]]] = {}

    def __enter__(self) -> Self:
        self._process = self._git.talk("cat-file", "--batch")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.__exit__(None, None, None)

    def read(self, name: str) -> tuple[str, str, bytes]:
        """Return an object's id, kind and bytes; raise Unreadable when it is missing, large or forged."""
        with _Watchdog(self._process) as watchdog:
            words, data = self._ask(name)
        if watchdog.barked:
            raise Unreadable(f"git did not answer within {SECONDS} s")
        if len(words) != 3:
            raise Unreadable("there is no commit yet" if name == "HEAD" else f"object {name} is missing")
        if int(words[2]) > OBJECT_LIMIT:
            raise Unreadable(f"object {words[0]} is larger than {OBJECT_LIMIT >> 20} MiB")
        if self.identify(words[1], data) != words[0]:
            raise Unreadable(f"object {words[0]} is not what its name says")
        return words[0], words[1], data

    def _ask(self, name: str) -> tuple[list[str], bytes]:
        """Return git's words about an object (id, kind, size) and its bytes, unless it is large."""
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        try:
            asked.write(name.encode() + b"\n")
            asked.flush()
        except BrokenPipeError:
            raise Unreadable("git ended early") from None
        words = answered.readline(_FILE_LIMIT).decode("utf-8", "replace").split()
        size = int(words[2]) if len(words) == 3 else -1
        return words, answered.read(size + 1)[:-1] if 0 <= size <= OBJECT_LIMIT else b""

    def identify(self, kind: str, data: bytes) -> str:
        """Return the id that git gives to such an object."""
        # sha1 names objects here; it guards nothing beyond what git itself does.
        digest = hashlib.new(self._git.hash, usedforsecurity=False)
        digest.update(b"%s %d\0" % (kind.encode(), len(data)))
        digest.update(data)
        return digest.hexdigest()

    def entry(self, tree: str, path: str) -> str:
        """Return the id of the file at a path below a tree, or nothing when there is none."""
        names = os.fsencode(path).split(b"/")
        for name in names[:-1]:
            mode, found = self._entries(tree).get(name, (b"", ""))
            if mode != b"40000":
                return ""
            tree = found
        mode, found = self._entries(tree).get(names[-1], (b"", ""))
        return found if mode in (b"100644", b"100755", b"100664") else ""

    def _entries(self, tree: str) -> dict[bytes, tuple[bytes, str]]:
        if tree not in self._trees:
            _, kind, data = self.read(tree)
            try:
                self._trees[tree] = self._split(data) if kind == "tree" else {}
            except ValueError:
                raise Unreadable(f"tree {tree} is broken") from None
        return self._trees[tree]

    def _split(self, data: bytes) -> dict[bytes, tuple[bytes, str]]:
        """Split a tree: `mode name NUL` and the raw id, again and again."""
        width = 32 if self._git.hash == "sha256" else 20
        entries: dict[bytes, tuple[bytes, str]] = {}
        at = 0
        while at < len(data):
            mode, _, name = data[at : (end := data.index(b"\0", at))].partition(b" ")
            entries[name] = (mode, data[end + 1 : end + 1 + width].hex())
            at = end + 1 + width
        return entries


class _Watchdog:
    """Kills a process that takes too long; `barked` tells."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.barked = False
        self._process = process
        self._timer = threading.Timer(SECONDS, self._bark)
        self._timer.daemon = True

    def _bark(self) -> None:
        self.barked = True
        self._process.kill()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
