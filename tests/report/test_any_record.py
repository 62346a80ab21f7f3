"""Records of any shape, in a chain that holds: a hostile writer gets no traceback out of a report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.errors import GonogoError
from gonogo.report.collect import read_summary
from gonogo.report.compare import compare
from gonogo.report.forms import cast, comparison, csv, html, junit, markdown
from gonogo.report.forms import json as as_json
from gonogo.trail.record import GENESIS, encode

from .made import small

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from(["", "go", "-1", "\x00\ud7ff", "run", "failure", "ok", "<b>", "plan.json", "9" * 40]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "commit", "by"]), inner)
    ),
    max_leaves=4,
)


def rewritten(run: Path, change: tuple[int, str, Any]) -> None:
    """Write the trail anew with one field of one record changed, and the chain made to hold."""
    head = GENESIS
    lines = []
    number, key, value = change
    for at, line in enumerate((run / "audit.jsonl").read_bytes().splitlines()):
        record = json.loads(line)
        del record["h"]
        if at == number:
            keys = [name for name in record if name not in ("n", "t", "v")]
            record[keys[len(key) % len(keys)] if key not in record else key] = value
        made, head = encode(head, record)
        lines.append(made)
    (run / "audit.jsonl").write_bytes(b"".join(lines))


def forms(run: Path) -> Iterator[str]:
    """Yield everything that is made of a run."""
    summary = read_summary(run)
    for form in (html, markdown, junit, csv, as_json):
        yield from form.render(summary)
    for render in (comparison.text, comparison.markdown, comparison.html, comparison.data):
        yield from render(compare(summary, summary))
    yield from cast.render(run)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.tuples(
        st.integers(0, 70),
        st.sampled_from(
            ["k", "m", "by", "reason", "hosts", "turn", "evidence", "git", "state", "a", "bb", "cccc"]
        ),
        VALUES,
    )
)
def test_a_field_of_any_value_is_told_or_refused(tmp_path_factory: Any, change: tuple[int, str, Any]) -> None:
    """One field of one record is anything: the report ends where the trust ends, or an error says so."""
    run = small(tmp_path_factory.mktemp("any"))
    rewritten(run, change)
    try:
        told = "".join(forms(run))
    except GonogoError:
        return
    assert "\x00" not in told
