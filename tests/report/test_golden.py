"""Runs that are kept for ever: every command afterwards opens each, as far as it can be trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gonogo.cli import app
from gonogo.errors import GonogoError
from gonogo.run.replay.recorded import Recorded
from gonogo.run.replay.search import find

from .asciicast import read

RUNS = Path(__file__).parents[1] / "data" / "runs"
WHOLE = ("sealed", "unsealed", "pruned")
VERDICTS = {
    "sealed": "complete", "unsealed": "complete", "pruned": "complete", "open": "open", "cut": "open",
    "torn": "torn", "lost-line": "corrupt", "changed": "corrupt", "newer": "unsupported-version",
}  # fmt: skip
CODES = {"complete": 0, "open": 3}
DAMAGED = ("torn", "lost-line", "changed")
FORMS = ("html", "md", "json", "csv", "junit", "cast", "cast2")


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the kept runs be the operator's own, and no process known that drives one."""
    monkeypatch.setenv("GONOGO_RUNS", str(RUNS))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def gonogo(*words: str) -> Result:
    """Run a command; it may fail with an error of our own, and no other."""
    done = CliRunner().invoke(app, words, standalone_mode=False)
    assert done.exception is None or isinstance(done.exception, SystemExit | GonogoError), done.exception
    return done


def files() -> dict[Path, tuple[int, int]]:
    """Return all kept files with what shows that they were written to."""
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in RUNS.rglob("*")}


def test_all_of_them_are_there() -> None:
    """The verdicts below are of each kept run."""
    assert {path.name for path in RUNS.iterdir() if path.is_dir()} == set(VERDICTS)


@pytest.mark.parametrize(("name", "verdict"), VERDICTS.items())
def test_each_has_its_verdict(name: str, verdict: str) -> None:
    """Against the keys that were allowed when it was made."""
    done = gonogo("verify", str(RUNS / name), "--json", "--allowed-signers", str(RUNS / "allowed_signers"))
    assert json.loads(done.stdout)["verdict"] == verdict
    assert done.exit_code == CODES.get(verdict, 4)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", VERDICTS)
def test_each_becomes_every_form(name: str, form: str) -> None:
    """What can be trusted is told; damage is said there and in the exit code; a later version is refused."""
    done = gonogo("report", name, "--to", form)
    if name == "newer":
        assert isinstance(done.exception, GonogoError)
        assert "99" in done.exception.what
        return
    assert done.exit_code == (4 if name in DAMAGED else 0), done.stderr
    assert ("trust ends here" in done.stderr) == (name in DAMAGED)
    if form == "cast":
        assert "A small update" in read(done.stdout).printed
    else:
        assert ("Stop the API" if form == "csv" else "A small update") in done.stdout


@pytest.mark.parametrize("name", VERDICTS)
def test_each_is_told_and_played_again(name: str) -> None:
    """Line by line and in the replay, up to where its trust ends; and nothing in it is written."""
    before = files()
    done = gonogo("replay", name, "--plain")
    assert done.exit_code == (4 if name in (*DAMAGED, "newer") else 0)
    link = Recorded(RUNS / name)
    link.read()
    link.seek_end()
    assert link.state.result == ("go" if name in WHOLE else None)
    assert bool(link.index.trust) == (name in (*DAMAGED, "newer"))
    for number in range(1, link.count + 1, 7):
        link.seek(number)
        assert link.position == number
    assert files() == before


def test_the_list_has_them_all() -> None:
    """Those that were not over say what they wait for; one of a later version says why it cannot be read."""
    found = {one["run"]: one for one in json.loads(gonogo("runs", "--json").stdout)}
    assert {name: one["status"] for name, one in found.items()} == {
        **dict.fromkeys((*WHOLE, "changed", "lost-line"), "go"),
        **dict.fromkeys(("open", "cut", "torn"), "waiting"),
        "newer": "unreadable",
    }
    assert "failed" in found["open"]["waits_for"]
    assert "99" in found["newer"]["title"]
    assert [
        one["run"] for one in json.loads(gonogo("runs", "--json", "--text", "the mirror was busy").stdout)
    ]


@pytest.mark.parametrize("name", [name for name in VERDICTS if name not in ("sealed", "newer")])
def test_each_is_compared_with_the_sound_one(name: str) -> None:
    """A cut one lacks its last steps; damage is said and is in the exit code."""
    done = gonogo("compare", "sealed", name, "--to", "json")
    assert done.exit_code == (4 if name in DAMAGED else 0)
    steps = json.loads(done.stdout)["steps"]
    assert [one["id"] for one in steps] == ["stop", "update", "start", "later"]
    if name in WHOLE:
        assert all(one["runs"][0]["result"] == one["runs"][1]["result"] for one in steps)


def test_none_is_pruned_that_is_open_damaged_or_not_sealed() -> None:
    """Only what is over, sealed to its end and sound may go; nothing goes without --yes."""
    before = files()
    said = gonogo("runs", "prune", "--older-than", "0h", "--keep", "0").stdout
    kept = {line.split()[1].rstrip(":") for line in said.splitlines() if line.startswith("kept")}
    gone = {line.split()[2].rstrip(":") for line in said.splitlines() if line.startswith("would go")}
    assert gone == {"sealed", "pruned"}
    assert kept == {"unsealed", "changed", "lost-line", "open", "cut", "torn"}
    assert files() == before


def test_the_sound_one_tells_all_that_a_run_can_have() -> None:
    """An outage, a failure made good, a note, a deviation, monitors, and tests that differ."""
    found = json.loads(gonogo("report", "sealed", "--to", "json").stdout)
    assert found["verified"]["verdict"] == "complete"
    assert [one["service"] for one in found["outages"]] == ["nova-api"]
    assert found["outages"][0]["seconds"] > 1
    assert [step["result"] for step in found["steps"]] == ["ok", "ok", "ok", "skipped"]
    assert [one["what"] for one in found["deviations"]] == ["skip"]
    assert "mirror" in found["notes"][0]["text"]
    [monitor] = found["monitors"]
    assert (monitor["least"], monitor["most"], monitor["rang"]) == (0, 1, 1)
    assert [[one["compared"] for one in each["results"]] for each in found["tests"]] == [
        ["first", "first"],
        ["differs", "same"],
    ]


def test_what_monitors_and_tests_say_is_found_and_told() -> None:
    """Among failures and decisions; and in what hosts printed in a test."""
    said = gonogo("replay", "sealed", "--only", "failures").stdout
    assert "monitor api-down" in said
    assert "cp2: exit code 1" in said
    hits = [hit for hit in find(RUNS / "sealed", "29.2.1", 1 << 40, lambda: False) if hit is not None]
    assert any(hit.turn == -1 and hit.land == 0 for hit in hits)
    assert {hit.turn for hit in hits} == {-1, 1, 2}
    assert json.loads(gonogo("runs", "--json", "--text", "nova-compute-29.2.0").stdout)
