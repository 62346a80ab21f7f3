"""The people of the tests, with their keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import asyncssh

from gonogo.trail.signing import KeySigner


def new_key(folder: Path, name: str, kind: str = "ssh-ed25519", **more: object) -> KeySigner:
    """Make a key pair in a folder, as ssh-keygen would; return its signer."""
    path = folder / name
    key = asyncssh.generate_private_key(kind, comment=f"{name}@example.com", **more)
    path.touch(0o600)
    key.write_private_key(str(path))
    key.write_public_key(f"{path}.pub")
    return KeySigner(path, path.read_bytes())


@dataclass(frozen=True, slots=True)
class Party:
    """Ann drives, Bob approves, Eve is nobody."""

    folder: Path
    ann: KeySigner
    bob: KeySigner
    eve: KeySigner

    @staticmethod
    def meet(folder: Path) -> Party:
        """Make everybody's keys, and the file that names Ann and Bob."""
        people = [new_key(folder, name) for name in ("ann", "bob", "eve")]
        party = Party(folder, *people)
        lines = [
            f"{name}@example.com {key.key.line}" for name, key in (("ann", party.ann), ("bob", party.bob))
        ]
        party.signers.write_text("# who may seal and approve\n" + "\n".join(lines) + "\n")
        return party

    @property
    def signers(self) -> Path:
        """Their allowed_signers."""
        return self.folder / "allowed_signers"
