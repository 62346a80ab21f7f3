"""One command on many hosts without a runbook, and runs on fewer hosts than the document names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gonogo.executors.lab import Lab

from .conftest import Gonogo

ODD = "test $(uname -n) != web3 || { echo odd; exit 3; }; echo even"
RUNBOOK = """---
gonogo: 1
title: Two groups
---

```sh {id=web hosts=web read-only}
true
```

```sh {id=first hosts=web1 read-only}
true
```
"""


def _records(tmp_path: Path) -> list[dict[str, Any]]:
    trail = max((tmp_path / "runs").glob("*/audit.jsonl"))
    return [json.loads(line) for line in trail.read_bytes().splitlines()]


def test_identical_output_is_told_once_and_a_failure_fails(gonogo: Gonogo, lab: Lab) -> None:
    """Groups with their hosts, the largest first; exit code 1 when one host's command did not end 0."""
    done = gonogo("exec", "web", "-i", lab.inventory, "--yes", "--json", "--", ODD)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [(one["state"], one["code"], one["folded"], one["output"]) for one in found["groups"]] == [
        ("ok", 0, "web[1-2,4-6]", "even\n"),
        ("failed", 3, "web3", "odd\n"),
    ]
    verified = gonogo("verify", "last", "--json")
    assert json.loads(verified.stdout)["verdict"] == "complete"


def test_only_those_that_failed_are_tried_again(gonogo: Gonogo, lab: Lab, tmp_path: Path) -> None:
    """--failed-in names an earlier run; several words are one command, quoted as they are."""
    gonogo("exec", "web", "-i", lab.inventory, "--yes", "--", ODD)
    done = gonogo("exec", "all", "-i", lab.inventory, "--yes", "--failed-in", "last", "--", "echo", "a  b")
    assert done.returncode == 0, done.stderr
    assert "on web3" in done.stderr
    assert done.stdout == "web3 (1):\n  | a  b\n"


def test_a_question_that_needs_no_go_ends_with_its_failures(gonogo: Gonogo, lab: Lab) -> None:
    """Without a terminal nobody is asked about failed hosts: exit code 1, and no run is left waiting."""
    done = gonogo("exec", "web", "-i", lab.inventory, "--read-only", "--", ODD)
    assert done.returncode == 1
    assert "failed: web3: exit code 3" in done.stderr
    assert done.stdout == "web[1-2,4-6] (5):\n  | even\nweb3 (1): failed: exit code 3\n  | odd\n"
    assert json.loads(gonogo("verify", "last", "--json").stdout)["verdict"] == "complete"


def test_all_output_is_printed_and_the_story_stands_aside(gonogo: Gonogo, tmp_path: Path) -> None:
    """Ten thousand lines of each group, one long line uncut, its last one too; on standard error none of it."""
    (tmp_path / "here.ini").write_text("[all:vars]\nansible_connection=local\n[here]\nhere[1:3]\n")
    done = gonogo("exec", "here", "-i", "here.ini", "--yes", "--", "seq 10000; seq -s, 300; echo THE END")
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head == "here[1-3] (3):"
    long = ",".join(str(number) for number in range(1, 301))
    assert lines == [f"  | {text}" for text in (*range(1, 10_001), long, "THE END")]
    assert "3 ok" in done.stderr
    assert "  | " not in done.stderr


def test_a_runs_process_is_known_by_its_name(gonogo: Gonogo, tmp_path: Path) -> None:
    """`ps` names the run, and shows nothing of the command line that began it."""
    (tmp_path / "here.ini").write_text("here ansible_connection=local\n")
    gonogo("exec", "here", "-i", "here.ini", "--yes", "--", "tr '\\0' ' ' </proc/$PPID/cmdline")
    run = max((tmp_path / "runs").glob("*/audit.jsonl")).parent
    assert (run / "output" / "0000-01.out").read_text().splitlines()[-1].strip() == f"gonogo: {run.name}"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_it_may_be_begun_without_standard_streams(
    tmp_path: Path, environment: dict[str, str], closed: str
) -> None:
    """A job scheduler that gives none gets the run and its exit code all the same."""
    (tmp_path / "here.ini").write_text("here ansible_connection=local\n")
    line = f'exec "$@" {closed}'
    words = (sys.executable, "-m", "gonogo", "exec", "here", "-i", "here.ini", "--yes", "--", "exit 3")
    code = subprocess.call(["sh", "-c", line, "sh", *words], cwd=tmp_path, env=environment, timeout=60)
    assert code == 1
    assert [one["code"] for one in _records(tmp_path) if one["k"] == "host.exit"] == [3]


@pytest.mark.parametrize("story", ["elsewhere", "there too"])
def test_a_reader_may_go_away(tmp_path: Path, environment: dict[str, str], story: str) -> None:
    """`| head` and `2>&1 | head`: the run goes on to its end, the exit code is its own, no word of the pipe."""
    (tmp_path / "here.ini").write_text("here ansible_connection=local\n")
    words = ("exec", "here", "-i", "here.ini", "--yes", "--", "seq 100000")
    reading, writing = os.pipe()
    os.close(reading)
    with (tmp_path / "story").open("w+") as told:
        code = subprocess.call(
            [sys.executable, "-m", "gonogo", *words],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=told if story == "elsewhere" else writing,
            timeout=60,
        )
    os.close(writing)
    assert code == 0
    assert _records(tmp_path)[-1]["result"] == "go"
    said = (tmp_path / "story").read_text()
    assert ("GO: all steps are done" in said) == (story == "elsewhere")
    assert "roken" not in said
    assert "error" not in said


def test_a_batch_that_fails_is_the_last_one(gonogo: Gonogo, lab: Lab, tmp_path: Path) -> None:
    """With --yes the batches after one that failed do not start."""
    assert gonogo("exec", "web", "-i", lab.inventory, "--yes", "--batch", "3,3", "--", ODD).returncode == 1
    started = [record["hosts"] for record in _records(tmp_path) if record["k"] == "host.start"]
    assert sorted(name for names in started for name in names) == ["web1", "web2", "web3"]


def test_without_a_word_nothing_runs(gonogo: Gonogo, lab: Lab, tmp_path: Path) -> None:
    """Nobody there to say go: refused, no run begins and no host was reached."""
    refused = gonogo("exec", "web", "-i", lab.inventory, "--", "touch", "/root/x")
    assert refused.returncode == 2
    assert "--yes says it" in refused.stderr
    assert not list(tmp_path.glob("runs/*/audit.jsonl"))
    assert not lab.journal.exists() or not lab.journal.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["wbe", "--", "true"], "Did you mean 'web'?"),
        (["web", "--batch", "0", "--", "true"], "no batch size"),
        (["web", "--timeout", "9", "--", "true"], "no duration"),
        (["web", "--limit", "all:!web", "--", "true"], "leaves no host"),
        (["web", "--exclude", "web", "--", "true"], "no step has a host left"),
        (["web", "--", " "], "there is no command"),
        (["web"], "Missing argument"),
    ],
)
def test_what_cannot_be_run_is_refused(gonogo: Gonogo, tmp_path: Path, words: list[str], said: str) -> None:
    """A clear error with exit code 2; no run begins."""
    (tmp_path / "hosts.ini").write_text("[web]\nweb[1:6]\n")
    refused = gonogo("exec", "-i", "hosts.ini", "--yes", *words)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert not list(tmp_path.glob("runs/*/audit.jsonl"))


def test_a_run_keeps_to_the_hosts_that_are_asked_for(gonogo: Gonogo, lab: Lab, tmp_path: Path) -> None:
    """--limit and --exclude narrow every step; one that has no host left is skipped, and recorded."""
    (tmp_path / "two.md").write_text(RUNBOOK)
    done = gonogo(
        "run", "two.md", "-i", lab.inventory, "--yes", "--limit", "web2,web3,web4", "--exclude", "web3"
    )
    assert done.returncode == 0, done.stderr
    started = [record["hosts"] for record in _records(tmp_path) if record["k"] == "host.start"]
    assert sorted(name for names in started for name in names) == ["web2", "web4"]
    (left,) = [record for record in _records(tmp_path) if record["k"] == "deviation"]
    assert left["step"] == "first"
    assert "none of its hosts" in left["reason"]
