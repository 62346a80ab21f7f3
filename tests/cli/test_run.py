"""The whole program, as its user starts it: runs, answers, crashes, resumes, refusals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gonogo.executors.lab import Lab

from .conftest import Gonogo, process_of

RUNBOOK = """---
gonogo: 1
title: Wide
inventory: hosts.ini
---

## Look

```sh {hosts=web read-only}
uname -n
```

## Work

```sh {hosts=web as=root id=work}
echo begun >> /root/work
while test -e /root/hold; do sleep 0.05; done
echo done >> /root/work
```
"""


@pytest.fixture(autouse=True)
def _document(tmp_path: Path) -> None:
    """The runbook that most of these tests run."""
    (tmp_path / "wide.md").write_text(RUNBOOK)


def _records(tmp_path: Path) -> list[dict[str, object]]:
    (trail,) = (tmp_path / "runs").glob("*/audit.jsonl")
    return [json.loads(line) for line in trail.read_bytes().splitlines()]


def test_a_run_goes_through_and_its_trail_verifies(gonogo: Gonogo, lab: Lab, tmp_path: Path) -> None:
    """With --yes a run ends go; replay tells it again and verify finds the trail complete."""
    done = gonogo("run", "wide.md", "-i", lab.inventory, "--yes")
    assert done.returncode == 0, done.stderr
    assert "GO: all steps are done" in done.stdout
    told = gonogo("replay", "last")
    assert told.returncode == 0
    assert "on 6 hosts, web[1-6]" in told.stdout
    verified = gonogo("verify", "--json")
    assert json.loads(verified.stdout)["verdict"] == "complete"
    ran = [json.loads(line) for line in lab.journal.read_text().splitlines()]
    assert len(ran) == 12


def test_a_gate_that_nobody_answers_pauses_the_run(gonogo: Gonogo, lab: Lab) -> None:
    """Without answers the run stops at its first gate with exit code 3; resume goes on to the end."""
    waiting = gonogo("run", "wide.md", "-i", lab.inventory)
    assert waiting.returncode == 3
    assert "gonogo resume" in waiting.stdout
    listed = gonogo("runs")
    assert "waits for you" in listed.stdout
    done = gonogo("resume", "last", "--yes")
    assert done.returncode == 0, done.stderr
    again = gonogo("resume", "last", "--yes")
    assert again.returncode == 2
    assert "is over" in again.stderr


def _until(holds: Callable[[], bool]) -> None:
    """Look until something holds, or to the end of our patience."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not holds():
        time.sleep(0.01)


def _work(folder: Path) -> list[Path]:
    """Return what the hosts of the wide step write while they are at work."""
    return list((folder / "lab" / "hosts").glob("*/root/work"))


@contextmanager
def _at_work(lab: Lab, folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start the wide step's run without a terminal; all its hosts are at work until they are let go."""
    holds = [home / "hold" for home in (folder / "lab" / "hosts").glob("*/root")]
    for hold in holds:
        hold.touch()
    words = [sys.executable, "-m", "gonogo", "run", "wide.md", "-i", str(lab.inventory), "--yes"]
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as screen:
        try:
            _until(lambda: len(_work(folder)) == 6)
            yield screen
        finally:
            for hold in holds:
                hold.unlink()


def test_a_killed_process_loses_nothing_and_guesses_nothing(
    gonogo: Gonogo, lab: Lab, tmp_path: Path, environment: dict[str, str]
) -> None:
    """After kill -9 in a wide step its hosts are unknown; resume asks, and nothing ran that the trail lacks."""
    with _at_work(lab, tmp_path, environment) as screen:
        (run,) = (tmp_path / "runs").iterdir()
        os.kill(process_of(run), signal.SIGKILL)
        said, _ = screen.communicate(timeout=30)
        assert screen.returncode == 2, said
    waiting = gonogo("resume", "last", "--yes")
    assert waiting.returncode == 3
    assert "unknown: web[1-6]" in waiting.stdout
    (tmp_path / "answers.yaml").write_text(
        "gonogo-answers: 1\nanswers:\n  - {step: work, at: failure, answer: by-hand, reason: all six looked at}\n"
    )
    done = gonogo("resume", "last", "--answers", "answers.yaml")
    assert done.returncode == 0, done.stdout
    records = _records(tmp_path)
    started = [name for record in records if record["k"] == "host.start" for name in record["hosts"]]  # type: ignore[attr-defined]
    # The lab writes a command down when it ends.
    _until(lambda: len(lab.journal.read_text().splitlines()) >= 12)
    ran = [json.loads(line)["host"] for line in lab.journal.read_text().splitlines()]
    assert sorted(started) == sorted(ran) == sorted([f"web{number}" for number in range(1, 7)] * 2)
    assert gonogo("verify").returncode == 0


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("missing.md", None, "No such file"),
        ("empty.md", "", "the file is empty"),
        ("binary.md", "a\0b", "binary"),
        ("key.md", "---\ngonogo: 1\n---\n```sh {hsots=x}\ntrue\n```\n", "Did you mean 'hosts'?"),
        (
            "host.md",
            "---\ngonogo: 1\ninventory: i.ini\n---\n```sh {hosts=wbe}\ntrue\n```\n",
            "Did you mean 'web'?",
        ),
        (
            "where.md",
            "---\ngonogo: 1\ninventory: i.ini\n---\n```sh {hosts=wbe}\ntrue\n```\n",
            "where.md:5:1: there is no host or group 'wbe'",
        ),
        ("none.md", "---\ngonogo: 1\n---\n```sh {hosts=web}\ntrue\n```\n", "there is no inventory"),
        ("words.md", "---\ngonogo: 1\n---\nOnly words.\n", "nothing to do"),
    ],
)
def test_bad_input_is_refused_before_anything_starts(
    gonogo: Gonogo, tmp_path: Path, name: str, text: str | None, words: str
) -> None:
    """A runbook that cannot run is refused with what is wrong and exit code 2; no run directory is left."""
    (tmp_path / "i.ini").write_text("[web]\na\n")
    if text is not None:
        (tmp_path / name).write_text(text)
    done = gonogo("run", name, "--yes")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "runs").glob("*")) if (tmp_path / "runs").exists() else True


LOCAL = "---\ngonogo: 1\ntitle: Local\n---\n```sh\ntouch ran\n```\n"


def test_runs_that_cannot_be_written_stop_everything(gonogo: Gonogo, tmp_path: Path) -> None:
    """When the runs directory cannot be made, nothing runs: exit code 4 and the place."""
    (tmp_path / "local.md").write_text(LOCAL)
    (tmp_path / "runs").write_text("a file")
    done = gonogo("run", "local.md", "--yes")
    assert done.returncode == 4
    assert "GONOGO_RUNS" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_a_disk_without_room_stops_everything(tmp_path: Path, environment: dict[str, str]) -> None:
    """On a disk of 64 kB no run begins, and the message says how much is needed."""
    (tmp_path / "local.md").write_text(LOCAL)
    (tmp_path / "runs").mkdir()
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("user namespaces are not allowed here")
    mount = f"mount -t tmpfs -o size=64k none {tmp_path}/runs"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{mount} && exec {sys.executable} -m gonogo run local.md --yes"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "MiB are needed" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_secrets_are_in_no_file_and_no_argument_list(gonogo: Gonogo, tmp_path: Path) -> None:
    """A secret input reaches the command and is in no file of the run, and not in `ps`."""
    (tmp_path / "secret.md").write_text(
        "---\ngonogo: 1\ninputs:\n  - {name: token, secret: true}\n---\n# Token\n\n## Use it\n\n"
        '```sh {read-only}\necho "it is $token"; ps -eo args | grep -c zebr[a] || true\n```\n'
    )
    done = gonogo("run", "secret.md", "--yes", GONOGO_INPUT_token="zebra-zebra-81")
    assert done.returncode == 0, done.stderr
    assert "it is [secret]" in done.stdout
    assert "zebra-zebra" not in done.stdout
    for path in (tmp_path / "runs").rglob("*"):
        assert not path.is_file() or b"zebra-zebra" not in path.read_bytes(), path


def test_a_run_that_fails_waits_for_a_person(gonogo: Gonogo, tmp_path: Path) -> None:
    """--yes never answers a failure: exit code 3, and abort by an answers file ends with 1."""
    (tmp_path / "fails.md").write_text("---\ngonogo: 1\n---\n```sh {read-only id=x}\nexit 9\n```\n")
    assert gonogo("run", "fails.md", "--yes").returncode == 3
    (tmp_path / "a.yaml").write_text(
        "gonogo-answers: 1\nanswers:\n  - {step: x, answer: abort, reason: enough}\n"
    )
    done = gonogo("run", "fails.md", "--answers", "a.yaml")
    assert done.returncode == 1
    assert "ABORTED" in done.stdout


def test_an_edited_trail_is_found(gonogo: Gonogo, tmp_path: Path) -> None:
    """Verify names the byte of a change, replay says where the trust ends, both with exit code 4."""
    (tmp_path / "local.md").write_text(LOCAL)
    assert gonogo("run", "local.md", "--yes").returncode == 0
    (trail,) = (tmp_path / "runs").glob("*/audit.jsonl")
    trail.chmod(0o600)
    trail.write_bytes(trail.read_bytes().replace(b'"answer":"go"', b'"answer":"no"'))
    verified = gonogo("verify")
    assert verified.returncode == 4
    assert "corrupt" in verified.stdout
    assert "at byte" in verified.stdout
    told = gonogo("replay")
    assert told.returncode == 4
    assert "trust ends here" in told.stderr


def test_ctrl_c_leaves_the_run_to_its_gate(
    gonogo: Gonogo, lab: Lab, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Ctrl-C ends the screen with 130; the run goes on to the step's end and can be attached to, noted in too."""
    with _at_work(lab, tmp_path, environment) as screen:
        (run,) = (tmp_path / "runs").iterdir()
        assert gonogo("note", "open", "slow").stdout == f"written into {run.name}\n"
        screen.send_signal(signal.SIGINT)
        screen.communicate(timeout=30)
        assert screen.returncode == 130
    assert gonogo("attach", "last", "--plain").returncode == 0
    assert all(path.read_text() == "begun\ndone\n" for path in _work(tmp_path))


def test_attach_to_a_run_that_is_over_says_how_it_ended(gonogo: Gonogo, tmp_path: Path) -> None:
    """No error: it names the result and the replay, and its exit code is the run's."""
    (tmp_path / "one.md").write_text("---\ngonogo: 1\ntitle: One\n---\n\n```sh {read-only}\ntrue\n```\n")
    assert gonogo("run", "one.md", "--yes").returncode == 0
    late = gonogo("attach", "last", "--plain")
    assert late.returncode == 0
    assert "is over: go" in late.stdout
