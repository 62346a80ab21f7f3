"""`gonogo verify` as a person uses it, and trails made to break it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gonogo.cli.verify import command
from gonogo.errors import TrailError, UsageError
from gonogo.trail.reader import Verdict
from gonogo.trail.record import GENESIS
from gonogo.trail.signers import load_signers
from gonogo.trail.verify import verify_run

from .conftest import Check
from .people import Party
from .runs import bend, forge

GOLDEN = Path(__file__).parents[1] / "data" / "trails" / "v1"
SIGNERS = ["--allowed-signers", str(GOLDEN / "allowed_signers")]


def _verify(*words: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def test_a_sealed_run_is_told_with_its_signers() -> None:
    """The verdict, how far it is sealed, and who signed, by name and fingerprint."""
    done = _verify(GOLDEN / "complete", *SIGNERS)
    assert done.exit_code == 0
    assert done.stdout.startswith("complete: complete: 27 records, head ")
    assert "sealed through record 24 (4 seals)\n" in done.stdout
    assert re.search(r"signed by SHA256:\S+, ann@example.com\n", done.stdout)


def test_signers_that_came_with_the_run_prove_nothing() -> None:
    """Without --allowed-signers the run's own are read, and the answer says what that is worth."""
    done = _verify(GOLDEN / "complete")
    assert done.exit_code == 0
    assert "02-allowed_signers: it came with the run, so it proves nothing by itself" in done.stdout


async def test_without_signers_nobody_vouches(run: Path, party: Party) -> None:
    """Where there is no file at all, signatures are checked, and the answer says that nobody vouched."""
    finding = verify_run(run)
    assert finding.verdict is Verdict.COMPLETE
    assert finding.signers is None
    (run / "runbook" / "02-allowed_signers").write_bytes(b"")
    (run / "runbook" / "plan.json").write_bytes(b"{}")
    done = _verify(run)
    assert done.exit_code == 4
    assert f"signed by {party.ann.key.fingerprint}, not checked against allowed signers" in done.stdout


def test_a_seal_can_be_required() -> None:
    """--require-seal takes a run whose end nobody sealed for unknown."""
    assert _verify(GOLDEN / "complete", *SIGNERS, "--require-seal").exit_code == 0
    done = _verify(GOLDEN / "unsealed", *SIGNERS, "--require-seal")
    assert done.exit_code == 4
    assert "no seal covers the end of the run" in done.stdout


def test_stock_accepts_what_is_exported(tmp_path: Path, stock: Check) -> None:
    """Each exported statement and signature passes ssh-keygen, for its signer alone."""
    done = _verify(GOLDEN / "complete", *SIGNERS, "--export", tmp_path / "seals")
    assert done.exit_code == 0
    names = sorted(path.name for path in (tmp_path / "seals").iterdir())
    assert len(names) == 8
    signers = (GOLDEN / "allowed_signers").read_bytes()
    for name in names[::2]:
        text = (tmp_path / "seals" / name).with_suffix(".statement").read_bytes()
        signature = (tmp_path / "seals" / name).with_suffix(".sig").read_text()
        assert text.startswith(b"gonogo-audit/1\n")
        assert stock(signers, "ann@example.com", "audit@gonogo", signature, text)
        assert not stock(signers, "bob@example.com", "audit@gonogo", signature, text)


def test_an_export_overwrites_nothing(tmp_path: Path) -> None:
    """A folder that holds something, a link and a file are refused, and nothing is in them afterwards."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    (tmp_path / "file").touch()
    for name in ("full", "link", "file", "none/inside"):
        done = _verify(GOLDEN / "complete", "--export", tmp_path / name)
        assert isinstance(done.exception, UsageError), name
    assert not list((tmp_path / "empty").iterdir())
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]
    assert isinstance(_verify(GOLDEN, "--export", tmp_path / "new").exception, UsageError)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("seal.failed", Verdict.COMPLETE), ("note", Verdict.COMPLETE), ("host.start", Verdict.OPEN)],
)
async def test_what_stands_behind_the_end(kind: str, verdict: Verdict, run: Path, party: Party) -> None:
    """What is said while the last seal is tried leaves the run complete; what a run does opens it."""
    await forge(run, lambda records: [*records, {**records[0], "k": kind}], party.ann)
    assert verify_run(run, load_signers(party.signers)).verdict is verdict


def test_json_says_the_same(tmp_path: Path) -> None:
    """--json gives one object for a run and a list for a folder."""
    one = json.loads(_verify(GOLDEN / "lost-line", *SIGNERS, "--json").stdout)
    assert (one["verdict"], one["records"], one["sealed"]) == ("corrupt", 16, 13)
    many = json.loads(_verify(GOLDEN, "--json").stdout)
    assert {found["run"] for found in many} >= {"complete", "torn", "empty"}


@pytest.mark.parametrize(
    "words", [["none"], ["n" * 5000], [""], ["--allowed-signers", "none"], ["empty-folder"]]
)
def test_what_is_not_there_is_said(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run, file or folder that is not there is an error with its name."""
    monkeypatch.setenv("GONOGO_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty-folder").mkdir()
    done = _verify(*([GOLDEN / "complete"] if words[0].startswith("-") else []), *words)
    assert isinstance(done.exception, UsageError)
    assert words[-1] in done.exception.what


def test_the_trail_itself_names_its_run() -> None:
    """The path of an audit.jsonl means the run that it belongs to."""
    assert _verify(GOLDEN / "complete" / "audit.jsonl").stdout.startswith("complete: complete: ")


def test_signers_that_count_for_nothing_are_told(tmp_path: Path) -> None:
    """Broken lines are told by number, the first ten of them, and the rest are counted."""
    (tmp_path / "signers").write_text("nobody\n" * 30)
    done = _verify(GOLDEN / "complete", "--allowed-signers", tmp_path / "signers")
    assert "signers:10: this line counts for nothing" in done.stdout
    assert "signers:11:" not in done.stdout
    assert "signers: 20 more lines count for nothing" in done.stdout


def test_a_trail_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """A link, a pipe and a folder in the trail's place are told, and never waited for."""
    makers: list[Callable[[Path], object]] = [
        lambda path: path.symlink_to(GOLDEN / "complete" / "audit.jsonl"),
        os.mkfifo,
        Path.mkdir,
    ]
    for number, make in enumerate(makers):
        run = tmp_path / f"run{number}"
        run.mkdir()
        make(run / "audit.jsonl")
        with pytest.raises(TrailError):
            verify_run(run)
        assert _verify(run).exit_code == 4


def _chained(*bodies: bytes) -> bytes:
    """Lines with a good chain, whatever is in them."""
    head, out = GENESIS, b""
    for body in bodies:
        head = hashlib.sha256(head + body).digest()
        out += body + b',"h":"%s"}\n' % head.hex().encode()
    return out


_HEAD = b'{"n":0,"t":"2026-11-20T16:00:00.000000Z","m":0,"d":0,"k":"run.start","v":1,"run":"r"'
_NEXT = b'{"n":1,"t":"2026-11-20T16:00:00.000000Z","m":0,"d":0,"k":"note"'
HOSTILE = {
    "depth": _NEXT + b',"x":' + b"[" * 100_000 + b"]" * 100_000,
    "open depth": _NEXT + b',"x":' + b"[" * 100_000,
    "a key twice": _NEXT + b',"n":1',
    "NaN": _NEXT + b',"x":NaN',
    "infinity": _NEXT + b',"x":-Infinity',
    "a float": _NEXT + b',"x":1.5',
    "an exponent": _NEXT + b',"x":1e400',
    "a large integer": _NEXT + b',"x":9007199254740992',
    "a very large integer": _NEXT + b',"x":' + b"9" * 10_000,
    "half a surrogate": _NEXT + b',"x":"\\ud800"',
    "no UTF-8": _NEXT + b',"x":"\xff"',
    "another number": _NEXT.replace(b'"n":1', b'"n":2'),
    "a text as number": _NEXT.replace(b'"n":1', b'"n":"1"'),
    "true as number": _NEXT.replace(b'"n":1', b'"n":true'),
    "no time": _NEXT.replace(b"2026-11-20T16", b"yesterday"),
    "an array": b"[1",
    "no JSON": b"{",
    "a control character": _NEXT + b',"x":"\0"',
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_record_that_readers_would_read_differently_is_corrupt(what: str, tmp_path: Path) -> None:
    """A line that is no proper record is corrupt, even with a good hash; the one before it stands."""
    (tmp_path / "audit.jsonl").write_bytes(_chained(_HEAD, HOSTILE[what]))
    finding = verify_run(tmp_path)
    assert finding.verdict is Verdict.CORRUPT
    assert "(record 1)" in finding.why
    assert len(finding.why) < 300


ODD = {
    "seals": b'"k":"seal","through":[],"hash":{},"key":1,"sig":[]',
    "a seal far ahead": b'"k":"seal","through":9007199254740991,"hash":"","key":"","sig":""',
    "a seal far behind": b'"k":"seal","through":-1,"hash":"","key":"","sig":""',
    "gates": b'"k":"gate.ask","gate":{},"at":[],"evidence":7',
    "approvals": b'"k":"gate.approve","gate":{},"by":[],"key":{},"sig":"x"',
    "answers": b'"k":"gate.answer","gate":[],"answer":{}',
    "exits": b'"k":"host.exit","turn":-1,"attempt":true,"host":["a"],"digest":5,"out":"x"',
    "far turns": b'"k":"host.exit","turn":9007199254740991,"attempt":0,"host":"a","digest":"d"',
    "hosts like paths": b'"k":"host.exit","turn":0,"attempt":0,"host":"../../x","digest":"d","out":1',
    "gaps": b'"k":"gap","turn":{},"kept":"x","host":{}',
    "later plans": b'"k":"plan.change","file":"../../../x","plan":[],"sources":[[],["../x","y","z"],1]',
    "an end": b'"k":"run.end","result":{}',
}


@pytest.mark.parametrize("what", ODD)
def test_odd_values_in_known_kinds_are_no_traceback(what: str, tmp_path: Path) -> None:
    """Values of the wrong type in a chained record come to a verdict like any other."""
    gate = _NEXT.replace(b'"k":"note"', b'"k":"gate.ask","gate":1,"at":"approve","evidence":{"step":[]}')
    body = _NEXT.replace(b'"n":1', b'"n":2').replace(b'"k":"note"', ODD[what])
    (tmp_path / "audit.jsonl").write_bytes(_chained(_HEAD, gate, body))
    done = _verify(tmp_path)
    assert done.exit_code in (0, 3, 4)
    assert not isinstance(done.exception, Exception), done.exception


@pytest.mark.parametrize("start", [b'"run":7', b'"run":"a\\nb"', b'"sources":5', b'"plan":[]'])
def test_an_odd_start_is_no_traceback(start: bytes, run: Path) -> None:
    """The first record may hold anything too."""
    first = (run / "audit.jsonl").read_bytes().split(b"\n")[0][:-72]
    bend(run, lambda _: _chained(first + b"," + start if start not in first else first))
    done = _verify(run)
    assert done.exit_code == 4
    assert "a key stands twice" in done.stdout


async def test_names_are_shown_safely(run: Path, party: Party) -> None:
    """What a trail and its files hold reaches no terminal as it is."""
    (run / "runbook" / "x\x1b[2Jy").touch()
    await forge(run, lambda records: [*records, {**records[-1], "k": "seal", "key": "\x1b]0;x\x07"}])
    named = run.rename(run.with_name("a\x1b[31mb\u202e"))
    said = _verify(named, "--allowed-signers", party.signers).stdout
    assert "\x1b" not in said
    assert "\u202e" not in said


def _peak(run: Path) -> tuple[str, int]:
    """Verify in a process of its own; return what it said and its peak memory in MiB."""
    # VmHWM is of this program alone; ru_maxrss begins with that of the process that started it.
    code = "import re, sys; from pathlib import Path; from gonogo.cli import app\n"
    code += "try: app(standalone_mode=False)\n"
    code += "finally: print('peak', re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, "verify", str(run)], capture_output=True, text=True, check=False
    )
    return done.stdout, int(done.stdout.rsplit("peak ", 1)[1]) >> 10


@pytest.mark.parametrize("fill", ["zeros", "letters"])
def test_a_line_of_a_gigabyte_is_read_in_bounded_memory(fill: str, tmp_path: Path) -> None:
    """A line without an end is corrupt, and costs no more memory than a short trail."""
    trail = tmp_path / "audit.jsonl"
    trail.write_bytes(_chained(_HEAD) + (b"{" * (2 << 20) if fill == "letters" else b""))
    # The rest is a hole in the file: it takes no room on the disk.
    os.truncate(trail, 1 << 30)
    said, peak = _peak(tmp_path)
    assert said.startswith("corrupt: ")
    assert peak < 150


def test_many_records_are_read_in_bounded_memory(tmp_path: Path) -> None:
    """Memory does not grow with the trail: 60 MB of records cost no more than the hashes of them."""
    note = (
        b'{"n":%d,"t":"2026-11-20T16:00:00.000000Z","m":0,"d":0,"k":"note","text":"' + b"x" * 900_000 + b'"'
    )
    (tmp_path / "audit.jsonl").write_bytes(_chained(_HEAD, *(note % number for number in range(1, 70))))
    said, peak = _peak(tmp_path)
    assert said.startswith("open: ")
    assert "70 records" in said
    assert peak < 120


def test_it_writes_runs_and_connects_to_nothing(
    run: Path, party: Party, tmp_path: Path, need: Callable[[str, str], str]
) -> None:
    """The kernel's own account: no program started, no connection, nothing opened for writing."""
    log = tmp_path / "calls"
    calls = (
        "trace=execve,connect,bind,open,openat,creat,unlink,unlinkat,rename,renameat2,mkdir,chmod,truncate"
    )
    words = [need("strace", "strace"), "-f", "-qq", "-o", str(log), "-e", calls]
    words += [sys.executable, "-B", "-m", "gonogo", "verify", str(run)]
    words += ["--allowed-signers", str(party.signers)]
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    subprocess.run(words, check=True, capture_output=True)
    made = [line for line in log.read_text().splitlines() if "resumed" not in line]
    assert sum("execve(" in line for line in made) == 1
    writing = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
    other = [line for line in made if "execve(" not in line and "open" not in line]
    assert not [line for line in other if "ENOENT" not in line]
    assert not [line for line in made if writing.search(line) and '"/dev/' not in line]
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before
