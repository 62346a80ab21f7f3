"""What is known of where a run's documents come from."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field, to_builtins


class Signature(Struct, frozen=True):
    """Whether a commit is signed, and by whom."""

    status: str = "none"
    """`none`, `good`, `bad`, `unknown-signer` (nobody vouches for the key) or `unchecked`."""
    kind: str = ""
    """`ssh`, `openpgp` or `x509`; empty when there is none."""
    key: str = ""
    """The key's fingerprint, `SHA256:…`; known for SSH keys."""
    principal: str = ""
    """Who signed, as the allowed signers name the key's holder."""
    signers: str = ""
    """Which allowed signers vouch: `operator` (the operator's own file), else a path in the commit."""
    why: str = ""
    """Why it is bad or unchecked."""


class Change(Struct, frozen=True):
    """A file of the run that is not as the commit has it."""

    path: str
    state: str
    """`changed`, or `new` when the commit has no such file."""
    added: int = 0
    removed: int = 0
    """Lines; counted within what `difference` holds."""
    difference: str = ""
    """Unified, cleaned for showing."""
    cut: bool = False
    """There is more than `difference` holds."""


class Provenance(Struct, frozen=True):
    """Repository, commit and people behind a runbook, and what was changed since.

    All strings are cleaned for showing. `absent` says in a few words why nothing else is known.
    """

    absent: str = ""
    repository: str = ""
    """The remote's address without credentials; the folder's name where there is no remote."""
    path: str = ""
    """The runbook's, within the repository."""
    commit: str = ""
    branch: str = ""
    """Empty when the head is detached."""
    signature: Signature = field(default_factory=Signature)
    author: str = ""
    """Of the last commit that touched the runbook, `Name <mail>`; empty when no commit has it."""
    authored: str = ""
    """When, RFC 3339 in the author's own zone."""
    authored_in: str = ""
    """That commit."""
    dirty: bool = False
    changes: tuple[Change, ...] = ()
    more_changes: int = 0
    """Changed files beyond those listed."""
    elsewhere: tuple[str, ...] = ()
    """Files of the run outside this repository."""

    def as_dict(self) -> dict[str, Any]:
        """Return it for a record, JSON all the way down."""
        return {"absent": self.absent} if self.absent else to_builtins(self)
