"""What verify says of a run, for reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from gonogo.errors import GonogoError
from gonogo.report.summary import Trust
from gonogo.text import clean_line
from gonogo.trail.kept import signers_of
from gonogo.trail.signers import Signers, load_signers
from gonogo.trail.verify import verify_run

LARGE = 20 << 20
"""Bytes of a trail that is worth a process."""


@contextmanager
def trust_beside(run: Path) -> Iterator[Callable[[], Trust]]:
    """Check a run's record while it is read for something else; the value waits for the verdict.

    A large one is checked in a process of its own: reading 250 MB takes 13 s, and both go on at once.
    """
    if (run / "audit.jsonl").stat().st_size < LARGE:
        yield lambda: trust_of(run)
        return
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield pool.submit(trust_of, run).result


def trust_of(run: Path) -> Trust:
    """Check a run's record; keys are looked up in the allowed signers that its directory keeps."""
    signers = _signers(run)
    try:
        finding = verify_run(run, signers)
    except GonogoError as error:
        return Trust("corrupt", clean_line(error.what), 0, "", None, 0)
    signed = finding.signed
    named = [f"{', '.join(names)} ({key})" if names else key for key, names in signed.keys.items()]
    return Trust(
        verdict=finding.verdict.value,
        why=clean_line(finding.why),
        records=finding.records,
        head=finding.head,
        sealed=signed.sealed,
        seals=signed.seals,
        signed_by=tuple(clean_line(name) for name in named),
        notes=tuple(clean_line(note) for note in finding.notes),
    )


def _signers(run: Path) -> Signers | None:
    path = signers_of(run)
    try:
        return load_signers(path) if path else None
    except GonogoError:
        return None
