"""`gonogo runs`: finding runs again, packing their output, and deleting what may go."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest

from gonogo.cli.listing import TAIL
from gonogo.errors import GonogoError
from gonogo.trail.output import OutputReader, is_kept, output_path, read_host
from gonogo.trail.record import GENESIS, encode
from tests.cli.test_report import gonogo, runs
from tests.report.made import Made, plan_of, small, step_of

__all__ = ["runs"]

SEALED = Path(__file__).parent.parent / "data" / "trails" / "v1" / "complete"


def named(*words: str) -> list[str]:
    """Return the hour of each run that a list names."""
    return [one["run"][9:11] for one in json.loads(gonogo("runs", "--json", *words).output)]


@pytest.fixture
def three(runs: Path) -> Path:
    """A second runbook's run, and one that was aborted."""
    made = Made(
        runs, plan_of(step_of("one", ["db1"]), title="Databases"), hour=18, by="bob@ops", runbook="/srv/db.md"
    )
    made.round(0, said={"db1": "needle"})
    made.close("aborted")
    small(runs, hour=20)
    return runs


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], ["16", "18", "20"]),
        (["--runbook", "databases"], ["18"]),
        (["--runbook", "/srv/made.*"], ["16", "20"]),
        (["--host", "db1"], ["18"]),
        (["--host", "cp0?"], ["16", "20"]),
        (["--host", "cp"], []),
        (["--operator", "bob"], ["18"]),
        (["--result", "aborted"], ["18"]),
        (["--since", "2026-11-20T17:00+00:00", "--until", "2026-11-20T19:00+00:00"], ["18"]),
        (["--until", "2026-11-20T17:00+00:00"], ["16"]),
        (["--text", "needle"], ["18"]),
        (["--text", "all quiet"], ["16", "20"]),
        (["--text", "no such words"], []),
    ],
)
def test_runs_are_found_by_what_is_known_of_them(three: Path, words: list[str], found: list[str]) -> None:
    """Each filter narrows the list."""
    assert named(*words) == found


def test_a_date_that_is_none_is_refused(runs: Path) -> None:
    """And the error says how dates are written."""
    for word in ("yesterday", "2026-99-01", "7x"):
        assert isinstance(gonogo("runs", "--since", word, fails=True).exception, GonogoError)


def test_a_list_reads_only_both_ends_of_a_run_that_is_over(runs: Path) -> None:
    """What lies between them is not looked at: that is for verify."""
    hosts = [f"h{number}" for number in range(400)]
    made = Made(runs, plan_of(step_of("one", hosts)), hour=22)
    made.round(0, said=dict.fromkeys(hosts, "x" * 400))
    trail = made.close() / "audit.jsonl"
    data = bytearray(trail.read_bytes())
    assert len(data) > 3 * TAIL
    data[TAIL : 2 * TAIL] = b"\0" * TAIL
    trail.write_bytes(data)
    assert named("--result", "go") == ["16", "22"]


def test_an_unreadable_run_is_listed_as_such(runs: Path) -> None:
    """It hides no other one; why is said in words."""
    (runs / "20261120T230000Z-broken").mkdir()
    (runs / "20261120T230000Z-broken" / "audit.jsonl").write_bytes(b"\xff{}\n")
    (runs / "20261120T230100Z-odd").mkdir()
    every = {"t": "2026-11-20T23:01:00.000000Z", "m": 1}
    start, head = encode(GENESIS, {"n": 0, **every, "d": 0, "k": "run.start", "v": 1})
    end, _ = encode(head, {"n": 1, **every, "d": 1, "k": "run.end", "result": "go"})
    (runs / "20261120T230100Z-odd" / "audit.jsonl").write_bytes(start + end)
    assert named("--result", "unreadable") == ["23", "23"]
    assert "Z-odd/audit.jsonl: its records are not as a run writes them" in gonogo("runs").output
    assert named("--result", "go") == ["16"]


def test_packed_output_reads_as_before_and_verifies(runs: Path) -> None:
    """Every byte is there, the search finds it, and packing twice changes nothing."""
    (run,) = runs.iterdir()
    before = read_host(output_path(run, 0, 1), "cp02")
    assert "3 files" in (said := gonogo("runs", "pack", "last").output) or "4 files" in said
    assert not list(run.glob("output/*.out"))
    assert read_host(output_path(run, 0, 1), "cp02") == before != b""
    assert is_kept(output_path(run, 0, 1))
    assert gonogo("verify", "last").output.startswith("complete")
    assert named("--text", "Failed to stop") == ["16"]
    assert "nothing to pack" in gonogo("runs", "pack", "last").output


def test_packed_output_that_was_changed_is_found(runs: Path) -> None:
    """The digests in the trail are of the unpacked bytes."""
    (run,) = runs.iterdir()
    gonogo("runs", "pack", "last")
    path = run / "output" / "0000-01.out.gz"
    data = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(data.replace(b"no such unit", b"no such UNIT")))
    found = gonogo("verify", "last")
    assert (found.exit_code, found.output.split(":")[0]) == (4, "corrupt")


@pytest.mark.parametrize("cut", [0, 3, 12, 40])
def test_packed_output_that_is_cut_off_is_no_traceback(runs: Path, cut: int) -> None:
    """What can be read is read, and verify says that it is not what was recorded."""
    (run,) = runs.iterdir()
    gonogo("runs", "pack", "last")
    path = run / "output" / "0000-01.out.gz"
    path.write_bytes(path.read_bytes()[:cut])
    reader = OutputReader(output_path(run, 0, 1))
    assert b"".join(chunk.data for chunk in reader.more()) in b"no such unit\nFailed to stop"
    assert not reader.whole or not cut
    assert gonogo("verify", "last").exit_code == 4


def test_only_a_run_that_is_over_is_packed(runs: Path) -> None:
    """One that is still written keeps its files as they are."""
    made = Made(runs, plan_of(step_of("one", ["a"])), hour=22)
    made.round(0, said={"a": "x"})
    run = made.close(None)
    assert isinstance(gonogo("runs", "pack", run, fails=True).exception, GonogoError)
    assert (run / "output" / "0000-01.out").exists()


def test_only_sealed_runs_that_are_over_are_pruned(runs: Path) -> None:
    """Not an open one, not one without a seal at its end, not the latest; and only when told twice."""
    Made(runs, plan_of(step_of("one", ["a"])), hour=22).close(None)
    sealed = [runs / SEALED.name, runs / "complete-later"]
    for run in sealed:
        shutil.copytree(SEALED, run)
    names = {run.name for run in runs.iterdir()}
    said = gonogo("runs", "prune", "--older-than", "0h", "--keep", "0").output
    assert re.search(r"would go complete: all of it", said)
    assert {run.name for run in runs.iterdir()} == names
    said = gonogo("runs", "prune", "--older-than", "0h", "--yes").output
    assert "no seal covers its end" in said or "deleted  complete" in said
    left = {run.name for run in runs.iterdir()}
    assert names - left == {"complete"}
    gonogo("runs", "prune", "--older-than", "0h", "--keep", "0", "--output-only", "--yes")
    assert not (runs / "complete-later" / "output").exists()
    assert (runs / "complete-later" / "audit.jsonl").exists()


def test_packed_output_is_read_in_pieces_once(runs: Path) -> None:
    """Each call goes on where the last one stopped, and one behind the end opens nothing."""
    (run,) = runs.iterdir()
    whole = [chunk.data for chunk in OutputReader(output_path(run, 2, 1)).more()]
    gonogo("runs", "pack", "last")
    reader = OutputReader(output_path(run, 2, 1))
    pieces = []
    while not reader.whole:
        pieces += [chunk.data for chunk in reader.more(limit=1)]
    assert pieces == whole != []
    (run / "output" / "0002-01.out.gz").unlink()
    assert list(reader.more()) == []
    assert reader.whole
