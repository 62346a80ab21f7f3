"""What a run's record is worth: chain, seals, approvals, documents and output. Reads only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from gonogo.errors import TrailError

from .kept import Findings, OutputCheck, check_documents
from .promised import Promised
from .reader import Reading, Verdict
from .signatures import OnSeal, Signatures, Signed
from .signers import Signers

Record = dict[str, Any]
PLANS_LIMIT = 10_000
SOURCES_LIMIT = 1_000
_SOURCE = re.compile(r"\d{2,6}-[A-Za-z0-9._-]{1,80}")
_PLAN = re.compile(r"plan-\d{1,4}\.json")
_GOOD = (Verdict.COMPLETE, Verdict.OPEN, Verdict.TORN)


class Finding(Struct):
    """All there is to say about one run."""

    run: str
    verdict: Verdict = Verdict.EMPTY
    why: str = ""
    records: int = 0
    head: str = ""
    """Hex hash of the last record that can be trusted."""
    ended: int | None = None
    """The record that ends the run."""
    signed: Signed = field(default_factory=Signed)
    signers: str | None = None
    """The allowed_signers that the keys were looked up in; None: nobody vouched for any key."""
    notes: list[str] = field(default_factory=list)


def verify_run(run: Path, signers: Signers | None = None, on_seal: OnSeal | None = None) -> Finding:
    """Check a run directory. Memory stays below about 200 MB, whatever the trail holds."""
    reading = Reading(run / "audit.jsonl")
    finding = Finding(run.name, signers=signers.name if signers else None)
    found = Findings()
    output = OutputCheck(run, found)
    signatures = Signatures(signers, Promised(run), on_seal)
    finding.signed = signatures.found
    start: Record = {}
    revisions: dict[str, str] = {}
    try:
        for record in reading.records():
            start = start or record
            _revision(record, revisions)
            finding.ended = record["n"] if record["k"] == "run.end" else finding.ended
            signatures.record(record, reading.head)
            output.record(record)
    except OSError as error:
        raise TrailError(f"{reading.path}: the trail cannot be read: {error.strerror}") from None
    if reading.verdict in _GOOD:
        output.close()
        check_documents(run, start, revisions, found)
    finding.records = reading.count
    finding.head = reading.head.hex() if reading.count else ""
    finding.notes = found.notes
    finding.verdict, finding.why = _judge(reading, found, signatures)
    return finding


def _revision(record: Record, revisions: dict[str, str]) -> None:
    """Note the files and digests of a plan that the run went on with later, and of its documents."""
    if record["k"] != "plan.change" or len(revisions) >= PLANS_LIMIT:
        return
    name = str(record.get("file"))
    if _PLAN.fullmatch(name):
        revisions[name] = str(record.get("plan"))
    sources = record.get("sources")
    for source in sources[:SOURCES_LIMIT] if isinstance(sources, list) else []:
        match source:
            case [str(kept), str(_), str(digest)] if _SOURCE.fullmatch(kept):
                revisions[kept] = digest


def _judge(reading: Reading, found: Findings, signatures: Signatures) -> tuple[Verdict, str]:
    """The worst that was found, and where."""
    if reading.verdict not in _GOOD:
        return reading.verdict, reading.why
    if found.wrong:
        more = [f"and {found.more} more"] if found.more else []
        return Verdict.CORRUPT, "; ".join(found.wrong + more)
    if signatures.bad:
        return Verdict.BAD_SIGNATURE, signatures.bad
    if signatures.unknown:
        return Verdict.UNKNOWN_SIGNER, signatures.unknown
    return reading.verdict, reading.why
