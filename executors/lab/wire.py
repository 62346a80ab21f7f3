"""What a client sends as a command: the script behind the constant command line, or the command itself."""

from __future__ import annotations

import re
from typing import Protocol

from msgspec import Struct, field

_HEADER = re.compile(rb"gonogo (bytes|lines) (\d{1,9})\n")
_END = b"gonogo"
"""Closes a script that is counted in bytes."""
_MARK = "xgonogo"
"""Stands in the executor's constant command line; its script follows on standard input behind a header."""
# What the executor puts in front of a script: values (secrets are among them) and the folder to be in.
_PROLOGUE = re.compile(
    r"(?:export [A-Za-z_]\w*=(?:'[^']*'|\"'\"|[\w@%+=:,./-])*\n)*(?:cd -- [^\n]* \|\| exit 127\n)?"
)


class Input(Protocol):
    """Where a client's bytes come from."""

    async def read(self, size: int) -> bytes:
        """Return some bytes; none at the end."""


class Incoming(Struct):
    """One command as it came. `command` None: a login shell was asked for."""

    command: str | None
    script: str = ""
    """The document's text alone, without values."""
    _before: bytes = b""
    _prologue: str = ""
    _after: bytes = b""
    _framed: bool = field(default=False)

    def standard_input(self, script: str) -> bytes:
        """Return what goes to the command's standard input first, with another script in place of its own."""
        if not self._framed:
            return self._before
        data = (self._prologue + script).encode("utf-8", "surrogateescape") + _END
        return self._before + b"gonogo bytes %d\n" % len(data) + data + self._after

    def command_for(self, script: str) -> str | None:
        """Return the command line to run, with another script in place of its own."""
        return self.command if self._framed else (script if self.command is not None else None)


async def receive(command: str | None, stdin: Input) -> Incoming:
    """Read a command's script, if it sends one ahead of its input."""
    if command is None or _MARK not in command:
        return Incoming(command, command or "")
    data = b""
    while not (header := _HEADER.search(data)):
        more = await stdin.read(1 << 16)
        if not more:
            return Incoming(command, command, data)
        data += more
    while (end := _end(data, header)) is None:
        more = await stdin.read(1 << 16)
        if not more:
            # It did not arrive whole, and is passed on so: what would run it sees that, too.
            return Incoming(command, command, data)
        data += more
    whole = data[header.end() : end]
    whole = whole.removesuffix(_END) if header[1] == b"bytes" else whole
    text = whole.decode("utf-8", "surrogateescape")
    prologue = _PROLOGUE.match(text)
    cut = prologue.end() if prologue else 0
    return Incoming(command, text[cut:], data[: header.start()], text[:cut], data[end:], _framed=True)


def _end(data: bytes, header: re.Match[bytes]) -> int | None:
    """Return where a script ends; None while it is not there as a whole."""
    at, count = header.end(), int(header[2])
    if header[1] == b"bytes":
        return at + count if len(data) >= at + count else None
    for _ in range(count):
        at = data.find(b"\n", at) + 1
        if not at:
            return None
    return at
