"""What a repository of runbooks has beside its runbooks: checks, owners, signers, and room for runs."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from gonogo.errors import UsageError
from gonogo.text import clean_line

PLACEHOLDER = "https://git.example.com/gonogo.git"
"""A name that no machine can have: what was not filled in fails, and installs nobody else's program."""
_ADDRESS = re.compile(r"(?:https|ssh|file)://[A-Za-z0-9@:/._~+-]{1,500}")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")

_HOOKS = """\
# `pre-commit install` once in every clone: then each commit checks the runbooks that it changes, with the
# gonogo that is installed there.
exclude: ^runs/  # the runbooks in there are those that ran, kept as they were
repos:
  - repo: local
    hooks:
      - id: gonogo-check
        name: gonogo check
        entry: gonogo check --strict --ours
        language: system
        files: \\.(md|markdown|ya?ml)$
"""

_WORKFLOW = """\
name: runbooks
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Install gonogo
        run: pip install "gonogo @ git+<address><revision>"
      - name: Check the runbooks
        run: >-
          git ls-files -z -- '*.md' '*.markdown' '*.yaml' '*.yml' ':!runs' |
          xargs -0 gonogo check --strict --format github --ours
      # Once allowed_signers has your keys, add: --allowed-signers allowed_signers --require-seal
      - name: Verify the runs
        if: hashFiles('runs/*/audit.jsonl') != ''
        run: gonogo verify runs/
"""

_OWNERS = """\
# Who has to agree before a change is merged, once the branch asks for a review from code owners.
# Write your own teams in place of these. The last line that fits a file counts.
*                 @YOUR-ORG/operators
/allowed_signers  @YOUR-ORG/security
/.github/         @YOUR-ORG/security
"""

_SIGNERS = """\
# Who may seal runs and approve steps, a line for each key, as of ssh-keygen(1). Examples:
#
# alice@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…
# bob@example.com valid-before="20280101" sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9w…
#
# A runbook names this file in its head: allowed-signers: allowed_signers
"""

_ATTRIBUTES = """\
# Runbooks have the same bytes, and so the same digests, in every clone.
* text=auto eol=lf
# A run is a record: git changes no byte of it, merges nothing, and shows no output as a difference.
runs/** -text -merge linguist-generated
runs/*/output/** -diff
"""

_README = """\
# Runbooks

Production changes as text: written here, reviewed here, stepped through with `gonogo`, and kept here with the
record of what happened.

| | |
| --- | --- |
| `<runbook>` | a runbook to start from |
| `<inventory>` | the hosts |
| `allowed_signers` | who may seal runs and approve steps |
| `runs/` | what was run: records that verify and replay |
| `.pre-commit-config.yaml` | checks runbooks before every commit |
| `.github/workflows/runbooks.yaml` | checks runbooks and runs on every push |
| `.github/CODEOWNERS` | who has to agree to a change |

## Once

- Write your hosts into the inventory, your teams into `.github/CODEOWNERS`, your keys into `allowed_signers`.
- In the workflow, see that gonogo comes from where you get it, at a revision that you trust.
- `pre-commit install` in every clone; on the server, protect the branch and ask for a code owner's review.

## For every change

    gonogo new CHANGE.md                  # or copy one that went well
    gonogo check --strict CHANGE.md       # then have it reviewed and merged
    gonogo lab -i <inventory>           # rehearsal hosts; it says which -i to rehearse with
    gonogo run CHANGE.md
    gonogo report last --to html -o CHANGE.html

## Keep the run

    gonogo runs pack RUN
    cp -r ~/.local/state/gonogo/runs/RUN runs/
    gonogo verify runs/RUN
    git add runs/RUN

Read what hosts printed before you commit it: declared secrets are masked, others are not. Runs in `runs/`
tell `gonogo show --plan` how long each step took.
"""


class Source(Struct, frozen=True):
    """The git repository that gonogo is installed from, and the revision if it is known to be there."""

    address: str = PLACEHOLDER
    revision: str = ""


def source(given: str | None) -> Source:
    """Return where gonogo comes from: as given, else as it was installed; raise UsageError."""
    installed = _installed()
    if given is None or given == installed.address:
        return installed
    if not _ADDRESS.fullmatch(given):
        mend = "Write it as in https://git.example.com/gonogo.git."
        raise UsageError(f"{clean_line(given)!r} is no address of a git repository", mend)
    return Source(given)


def _installed() -> Source:
    """Return what pip and uv leave beside a program that they installed from git (PEP 610)."""
    try:
        told = json.loads(importlib.metadata.distribution("gonogo").read_text("direct_url.json") or "{}")
        address, revision = told["url"], told["vcs_info"]["commit_id"]
        if _ADDRESS.fullmatch(address) and _REVISION.fullmatch(revision):
            return Source(address, revision)
    except (importlib.metadata.PackageNotFoundError, ValueError, LookupError, TypeError):
        pass
    return Source()


def names() -> tuple[str, ...]:
    """Return the files of a repository that are neither runbook nor inventory."""
    return tuple(_TEXTS)


_TEXTS = {
    ".gitattributes": _ATTRIBUTES,
    ".github/CODEOWNERS": _OWNERS,
    ".github/workflows/runbooks.yaml": _WORKFLOW,
    ".pre-commit-config.yaml": _HOOKS,
    "README.md": _README,
    "allowed_signers": _SIGNERS,
    "runs/.gitkeep": "",
}


def refuse(repository: Path) -> None:
    """Raise UsageError where a file of the template is there already, or a link leads out."""
    for name in names():
        path = repository / name
        for one in (path, *(parent for parent in path.parents if parent.is_relative_to(repository))):
            if (one == path and os.path.lexists(one)) or (one != repository and one.is_symlink()):
                what = f"{clean_line(str(one))} is there already, and nothing is overwritten"
                raise UsageError(what, "Name another folder, or move it away.")


def texts(repository: Path, runbook: str, inventory: str, origin: Source) -> dict[Path, bytes]:
    """Return the template's files; `runbook` and `inventory` are their names in the repository."""
    filled = {
        "<address>": origin.address,
        "<revision>": f"@{origin.revision}" if origin.revision else "",
        "<runbook>": runbook,
        "<inventory>": inventory,
    }
    return {
        repository / name: re.sub("|".join(filled), lambda word: filled[word[0]], text).encode()
        for name, text in _TEXTS.items()
    }


@contextmanager
def folders(files: Iterable[Path]) -> Iterator[None]:
    """Make the folders of files; take away those that were made when what is done inside fails."""
    made: list[Path] = []
    try:
        for file in files:
            for folder in (*reversed(file.parent.parents), file.parent):
                if not folder.exists():
                    folder.mkdir()
                    made.append(folder)
        yield
    except BaseException as error:
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            what = f"{clean_line(str(folder))} cannot be made: {error.strerror or error}"
            raise UsageError(what, "Nothing was written.") from None
        raise
