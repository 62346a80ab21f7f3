"""Who signed a commit. Of all the programs that git could be told to ask, only `ssh-keygen -Y` is run."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gonogo.text import clean_bytes, clean_line

from .model import Signature
from .repository import SECONDS, program

_KEY = re.compile(r"key (SHA256:[A-Za-z0-9+/]{43})")
_COMMITTER = re.compile(rb"^committer [^\n]*> (\d{1,12}) [-+]\d{4}$", re.MULTILINE)
_KINDS = {
    b"-----BEGIN SSH SIGNATURE-----": "ssh",
    b"-----BEGIN PGP SIGNATURE-----": "openpgp",
    b"-----BEGIN PGP MESSAGE-----": "openpgp",
    b"-----BEGIN SIGNED MESSAGE-----": "x509",
}
_UNCHECKED = {"openpgp": "OpenPGP signatures are not checked", "x509": "X.509 signatures are not checked"}


class Signers(Struct, frozen=True):
    """A file of allowed signers: whose it is (`operator`, or its path in the commit) and its bytes."""

    whose: str
    data: bytes


def examine(commit: bytes, signers: Sequence[Signers], scratch: Path) -> Signature:
    """Check a commit's signature; the first file of allowed signers that knows the key vouches for it."""
    payload, armored = _take_apart(commit)
    if not armored:
        return Signature()
    kind = _KINDS.get(armored.split(b"\n", 1)[0].strip(), "")
    if kind != "ssh":
        return Signature("unchecked", kind, why=_UNCHECKED.get(kind, "its form is not known"))
    keygen = program("ssh-keygen")
    if not keygen:
        return Signature("unchecked", kind, why="ssh-keygen is not installed")
    return _Checker(keygen, payload, armored, scratch).check(signers)


def _take_apart(commit: bytes) -> tuple[bytes, bytes]:
    """Return what was signed (the commit without its `gpgsig` headers) and the first such header."""
    head, gap, message = commit.partition(b"\n\n")
    kept: list[bytes] = []
    signatures: list[list[bytes]] = []
    inside = False
    for line in head.split(b"\n"):
        if inside and line.startswith(b" "):
            signatures[-1].append(line[1:])
            continue
        inside = line.startswith(b"gpgsig")
        if inside:
            signatures.append([line.partition(b" ")[2]])
        else:
            kept.append(line)
    armored = b"\n".join(signatures[0]) + b"\n" if signatures else b""
    return b"\n".join(kept) + gap + message, armored


class _Checker:
    def __init__(self, keygen: str, payload: bytes, armored: bytes, scratch: Path) -> None:
        self._keygen = keygen
        self._payload = payload
        self._signature = scratch / "signature"
        self._signature.write_bytes(armored)
        self._signers = scratch / "signers"
        # As git does: a key counts that was valid when the commit says it was made, in local time.
        match = _COMMITTER.search(payload)
        made = time.localtime(int(match[1]) if match else None)
        self._when = f"-Overify-time={time.strftime('%Y%m%d%H%M%S', made)}"

    def check(self, signers: Sequence[Signers]) -> Signature:
        code, said = self._ask("check-novalidate", "-n", "git")
        if code:
            return Signature("bad", "ssh", why=said or "it does not belong to this commit")
        match = _KEY.search(said)
        found = Signature("unknown-signer", "ssh", match[1] if match else "")
        for file in signers:
            self._signers.write_bytes(file.data)
            if principal := self._vouched():
                return replace(found, status="good", principal=principal, signers=file.whose)
        return found

    def _vouched(self) -> str:
        """Return the first principal whose line in the file accepts the signature, or nothing."""
        code, said = self._ask("find-principals", self._when, "-f", str(self._signers))
        for name in said.split("\n") if code == 0 else ():
            words = ("verify", self._when, "-f", str(self._signers), "-I", name, "-n", "git")
            if name and not name.startswith("-") and self._ask(*words)[0] == 0:
                return clean_line(name)
        return ""

    def _ask(self, *words: str) -> tuple[int, str]:
        """Return the exit code and what was said, cleaned; a name that is not UTF-8 vouches for nobody."""
        try:
            done = subprocess.run(
                [self._keygen, "-Y", *words, "-s", str(self._signature)],
                env={**os.environ, "LC_ALL": "C"},
                input=self._payload,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return 255, "ssh-keygen did not answer"
        return done.returncode, clean_bytes(done.stdout + done.stderr).strip()
