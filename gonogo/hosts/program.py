"""Inventories that are programs: run with --list, they print JSON."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gonogo import bounded
from gonogo.errors import InventoryError
from gonogo.text import clean_line

from .names import Refused
from .tree import fault

CLOUD = "openstack:"
PROGRAM_SECONDS = 60
PRINTED_LIMIT = 64 << 20


def is_program(path: Path) -> bool:
    """Tell whether a file is marked executable."""
    return os.path.isfile(path) and os.access(path, os.X_OK)


def run_program(path: Path) -> bytes | None:
    """Return what `path --list` prints; None when the system knows it as no program; raise InventoryError."""
    shown = f"{clean_line(str(path))} --list"
    mend = f"If it is a plain file and no program: chmod -x {clean_line(str(path))}"
    try:
        return _printed([str(path.absolute()), "--list"], shown, mend)
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            return None
        raise InventoryError(f"{shown} did not start: {error.strerror}", mend) from None


def run_ansible(paths: Sequence[Path]) -> bytes:
    """Return what `ansible-inventory --list` prints for all paths; raise InventoryError."""
    if commas := [path for path in paths if "," in str(path.absolute())]:
        shown = clean_line(str(commas[0]))
        raise InventoryError(f"{shown}: Ansible takes a path with a comma for a list of hosts", "Rename it.")
    words = [f"--inventory={path.absolute()}" for path in paths]
    shown = clean_line(f"ansible-inventory {' '.join(words)}")
    # Otherwise Ansible only warns about what it cannot read, and prints the rest.
    strict = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1", "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1"}
    mend = "Run it by hand to see more; a vault's password goes into ANSIBLE_VAULT_PASSWORD_FILE."
    environment = {**os.environ, **strict, "ANSIBLE_NOCOLOR": "1"}
    try:
        return _printed([ansible(), *words, "--list"], shown, mend, environment)
    except OSError as error:
        raise InventoryError(f"{shown} did not start: {error.strerror}", mend) from None


def cloud_of(path: Path) -> str | None:
    """Return the cloud that `openstack:CLOUD` names; None for a file."""
    text = str(path)
    return text.removeprefix(CLOUD) if text.startswith(CLOUD) else None


def named_by(document: str, inventory: str) -> Path:
    """Return the path that a document's `inventory:` names: relative to it, unless that is a cloud."""
    return Path(inventory) if inventory.startswith(CLOUD) else Path(document).parent / inventory


def run_cloud(name: str) -> bytes:
    """Return the hosts of an OpenStack cloud as an inventory program prints them; raise InventoryError."""
    shown = f"{CLOUD}{clean_line(name)}"
    mend = "`openstack --os-cloud NAME compute service list` asks it the same."
    words = [sys.executable, "-P", "-m", "gonogo.executors.openstack.groups", name]
    try:
        return _printed(words, shown, mend, ours=True)
    except OSError as error:
        raise InventoryError(f"{shown} cannot be asked: {error.strerror}", mend) from None


def ansible() -> str:
    """Return the path of `ansible-inventory`: beside our own Python, else on PATH; nothing without it."""
    beside = Path(sys.executable).parent / "ansible-inventory"
    return str(beside) if is_program(beside) else shutil.which("ansible-inventory") or ""


def _printed(
    words: list[str], shown: str, mend: str, env: dict[str, str] | None = None, *, ours: bool = False
) -> bytes:
    """Return what a program prints. One of `ours` says all that went wrong in words."""
    ran = bounded.run(words, seconds=PROGRAM_SECONDS, limit=PRINTED_LIMIT, env=env)
    if ran.late:
        raise InventoryError(f"{shown} printed nothing whole within {PROGRAM_SECONDS} s", mend)
    if len(ran.output) > PRINTED_LIMIT:
        raise InventoryError(f"{shown} printed more than {PRINTED_LIMIT >> 20} MiB", mend)
    if ran.code:
        why = clean_line(ran.errors.decode("utf-8", "replace").strip()[-500:])
        ended = shown if ours else f"{shown} ended with exit code {ran.code}"
        raise InventoryError(f"{ended}: {why}", mend)
    return ran.output


def parse_json(data: bytes, source: str) -> Any:
    """Return the data; raise InventoryError with the line where it stops being JSON."""
    try:
        return json.loads(data, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        refused = Refused(f"this is no JSON: {clean_line(error.msg)}")
        raise fault(source, error.lineno, error.colno, refused) from None
    except (ValueError, RecursionError) as error:
        raise fault(source, 0, 0, Refused(f"this is no JSON: {clean_line(str(error))}")) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found
