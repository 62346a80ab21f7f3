"""`gonogo verify [RUN ...]`: whether every byte of a record is as it was written, and who says so."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from gonogo.errors import TrailError, UsageError
from gonogo.text import clean_line
from gonogo.trail.kept import SHOWN, signers_of
from gonogo.trail.reader import Verdict
from gonogo.trail.rundir import find_run
from gonogo.trail.signers import Signers, load_signers
from gonogo.trail.verify import Finding, verify_run

from . import options

EXIT = {Verdict.COMPLETE: 0, Verdict.OPEN: 3}


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN|FOLDER]...")
@click.option(
    "--allowed-signers",
    type=click.Path(path_type=Path),
    help="Who may seal and approve, in OpenSSH's format. Default: the file kept with the run, if any.",
)
@click.option(
    "--export",
    type=click.Path(path_type=Path),
    help="Write each seal's N.statement and N.sig into this new folder, for ssh-keygen -Y verify.",
)
@click.option("--require-seal", is_flag=True, help="Accept no run whose last record nobody sealed.")
@options.as_json
def command(
    runs: tuple[str, ...],
    allowed_signers: Path | None,
    export: Path | None,
    require_seal: bool,
    as_json: bool,
) -> None:
    """Check records: the chain, seals, approvals, the runbook's files and the output.

    RUN is a name, part of one, a path, or `last` (the default); a folder means every run in it. Nothing is
    executed, changed or connected to.

    The verdict is `complete` (exit code 0), `open`: the run goes on or was cut off between two records (3),
    or one of `torn`, `corrupt`, `bad-signature`, `unknown-signer`, `unsupported-version`, `empty` (4). Of
    several runs the worst one's code counts.
    """
    found = list(_directories(runs or ("last",)))
    if export is not None and len(found) != 1:
        raise UsageError("--export takes one run", "Name one run directory.")
    given = load_signers(allowed_signers) if allowed_signers else None
    out = _Export(export) if export is not None else None
    results = []
    for run in found:
        signers = given or _kept_signers(run)
        finding = _verify(run, signers, out)
        if require_seal and finding.verdict is Verdict.COMPLETE and finding.signed.sealed != finding.ended:
            finding.verdict, finding.why = Verdict.UNKNOWN_SIGNER, "no seal covers the end of the run"
        results.append(finding)
        if not as_json:
            _print(finding, signers, kept=given is None)
    if as_json:
        one = len(results) == 1 and not _is_folder(runs)
        click.echo(json.dumps(_as_dict(results[0]) if one else [_as_dict(result) for result in results]))
    sys.exit(max(EXIT.get(result.verdict, 4) for result in results))


def _is_folder(runs: tuple[str, ...]) -> bool:
    return any(os.path.isdir(name) and not os.path.exists(Path(name) / "audit.jsonl") for name in runs)


def _directories(names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        if not _is_folder((name,)):
            yield find_run(name)
            continue
        inside = sorted(path for path in Path(name).iterdir() if os.path.lexists(path / "audit.jsonl"))
        if not inside:
            raise UsageError(f"{name!r} holds no run", "Name a run, or a folder that holds run directories.")
        yield from inside


def _kept_signers(run: Path) -> Signers | None:
    """Read the file that the run's directory keeps. Whoever made the run made it: it proves little."""
    path = signers_of(run)
    try:
        return load_signers(path) if path else None
    except UsageError:
        return None


def _verify(run: Path, signers: Signers | None, out: _Export | None) -> Finding:
    """One run that cannot be read must not hide the others of its folder."""
    try:
        return verify_run(run, signers, out.write if out else None)
    except TrailError as error:
        return Finding(run.name, Verdict.CORRUPT, error.what)


class _Export:
    """A new folder for statements and signatures; nothing that exists is overwritten."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            if os.listdir(self._folder):
                raise UsageError(f"{str(folder)!r} is not empty", "Name a new folder.")
        except OSError as error:
            why = f"{str(folder)!r} cannot take the seals: {error.strerror}"
            raise UsageError(why, "Name a new folder; a link to one is not taken.") from None

    def write(self, number: int, statement: bytes, signature: str) -> None:
        """Write one seal."""
        for name, data in ((f"{number}.statement", statement), (f"{number}.sig", signature.encode())):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            try:
                with os.fdopen(os.open(name, flags, 0o600, dir_fd=self._folder), "wb") as file:
                    file.write(data)
            except OSError as error:
                raise UsageError(f"{name} cannot be written: {error.strerror}") from None


def _print(finding: Finding, signers: Signers | None, *, kept: bool) -> None:
    head = f", head {finding.head}" if finding.head else ""
    click.echo(f"{finding.verdict}: {clean_line(finding.run)}: {finding.records} records{head}")
    lines = [finding.why] if finding.why else []
    lines += _sealed(finding)
    for fingerprint, names in finding.signed.keys.items():
        if finding.signers is None:
            lines.append(f"signed by {fingerprint}, not checked against allowed signers")
        else:
            lines.append(f"signed by {fingerprint}, {', '.join(names) or 'who is not among them'}")
    if signers is not None and finding.signed.keys:
        itself = ": it came with the run, so it proves nothing by itself; give yours with --allowed-signers"
        lines.append(f"allowed signers: {signers.name}{itself if kept else ''}")
    if signers is not None:
        lines += signers.problems[:SHOWN]
        more = len(signers.problems) - SHOWN
        lines += [f"{signers.name}: {more} more lines count for nothing"] if more > 0 else []
    for line in [*lines, *finding.notes]:
        click.echo(f"  {clean_line(line)}")


def _sealed(finding: Finding) -> list[str]:
    if finding.verdict in (Verdict.EMPTY, Verdict.UNSUPPORTED):
        return []
    if finding.signed.sealed is None:
        seals = f"none of its {finding.signed.seals} seals counts" if finding.signed.seals else "not sealed"
        return [f"{seals}: whoever can write the file can have rewritten all of it"]
    rest = "" if finding.signed.sealed == finding.ended else "; what follows is chained, but nobody signed it"
    return [f"sealed through record {finding.signed.sealed} ({finding.signed.seals} seals){rest}"]


def _as_dict(finding: Finding) -> dict[str, Any]:
    return {
        "run": finding.run,
        "verdict": finding.verdict,
        "why": finding.why,
        "records": finding.records,
        "head": finding.head,
        "sealed": finding.signed.sealed,
        "seals": finding.signed.seals,
        "approvals": finding.signed.approvals,
        "signers": finding.signed.keys,
        "allowed_signers": finding.signers,
        "notes": finding.notes,
    }
