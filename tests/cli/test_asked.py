"""What the command line can ask of a run: which steps, which inputs, whose key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Gonogo, process_of

STEPS = """---
gonogo: 1
title: Four
---

## First

```sh {id=a tags=quick}
echo a
```

```sh {id=b}
echo b
```

## Second

```sh {id=c tags=quick,late}
echo c
```

```sh {id=d}
echo d
```
"""


def _records(tmp_path: Path) -> list[dict[str, Any]]:
    trail = max((tmp_path / "runs").glob("*/audit.jsonl"))
    return [json.loads(line) for line in trail.read_bytes().splitlines()]


def _ran(tmp_path: Path) -> list[str]:
    return [record["step"] for record in _records(tmp_path) if record["k"] == "step.plan"]


@pytest.mark.parametrize(
    ("words", "ran"),
    [
        (["--start-at", "c"], ["c", "d"]),
        (["--start-at", "second"], ["c", "d"]),
        (["--only", "b", "--only", "d"], ["b", "d"]),
        (["--tags", "quick"], ["a", "c"]),
        (["--skip-tags", "late"], ["a", "b", "d"]),
        (["--start-at", "b", "--tags", "quick"], ["c"]),
    ],
)
def test_only_what_is_asked_for_runs(
    gonogo: Gonogo, tmp_path: Path, words: list[str], ran: list[str]
) -> None:
    """Steps that are not asked for are skipped, and each is a deviation in the trail with the reason."""
    (tmp_path / "four.md").write_text(STEPS)
    done = gonogo("run", "four.md", "--yes", *words)
    assert done.returncode == 0, done.stderr
    assert _ran(tmp_path) == ran
    deviations = [record for record in _records(tmp_path) if record["k"] == "deviation"]
    assert sorted(one["step"] for one in deviations) == sorted(set("abcd") - set(ran))
    assert all(one["reason"] and one["what"] == "skip" for one in deviations)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--start-at", "secnod"], "Did you mean second?"),
        (["--only", "x"], "there is no step 'x'"),
        (["--tags", "quik"], "Did you mean quick?"),
        (["--only", "a", "--start-at", "b"], "no step is left"),
        (["--blast-radius", "-1"], "blast-radius"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(
    gonogo: Gonogo, tmp_path: Path, words: list[str], said: str
) -> None:
    """An unknown step or tag starts nothing, and the nearest name is offered."""
    (tmp_path / "four.md").write_text(STEPS)
    refused = gonogo("run", "four.md", "--yes", *words)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert not list(tmp_path.glob("runs/*/audit.jsonl"))


INPUTS = """---
gonogo: 1
title: Asked
inputs:
  - {name: count, type: int, default: 3}
  - {name: window, type: duration, ask: reached, prompt: How long is the window}
  - {name: token, secret: true, ask: reached}
---

```sh {id=count read-only}
echo count is $count
```

```sh {id=window read-only}
echo window is $window
```

```sh {id=token read-only}
printf %s "$token" | wc -c
```
"""


def test_inputs_are_asked_for_when_they_are_reached(gonogo: Gonogo, tmp_path: Path) -> None:
    """Typed values are taken at their gates, from an answers file; a secret is nowhere in the run."""
    (tmp_path / "asked.md").write_text(INPUTS)
    (tmp_path / "answers.yaml").write_text(
        "gonogo-answers: 1\nanswers:\n"
        "  - {step: window, at: input, answer: go, typed: 45m}\n"
        "  - {step: token, at: input, answer: go, typed: hunter2-hunter2}\n"
    )
    done = gonogo("run", "asked.md", "--yes", "--answers", "answers.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "window is 45m" in done.stdout
    assert "| 15" in done.stdout
    assert not [
        path for path in tmp_path.glob("runs/**/*") if path.is_file() and b"hunter2" in path.read_bytes()
    ]


def test_a_wrong_value_waits_for_a_person(gonogo: Gonogo, tmp_path: Path) -> None:
    """A value of the wrong type is refused with what it must be, at the start and at a gate."""
    (tmp_path / "asked.md").write_text(INPUTS)
    refused = gonogo("run", "asked.md", "--yes", "--input", "count=many")
    assert refused.returncode == 2
    assert "must be a whole number, not 'many'" in refused.stderr
    (tmp_path / "answers.yaml").write_text(
        "gonogo-answers: 1\nanswers: [{step: window, at: input, answer: go, typed: soon}]\n"
    )
    waits = gonogo("run", "asked.md", "--yes", "--answers", "answers.yaml")
    assert waits.returncode == 3
    assert "must be a duration" in waits.stdout + waits.stderr


@pytest.fixture
def key(tmp_path: Path, need: Callable[[str, str], str]) -> Path:
    """An SSH key of the operator's, and its line in allowed_signers."""
    keygen = need("ssh-keygen", "openssh-client")
    path = tmp_path / "id"
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    (tmp_path / "allowed_signers").write_text(f"ops@example.com {path.with_suffix('.pub').read_text()}")
    return path


def test_a_sealed_run_is_proved_by_stock_ssh_keygen(
    gonogo: Gonogo, tmp_path: Path, key: Path, need: Callable[[str, str], str]
) -> None:
    """Run --sign-key seals the trail; verify names the signer, and ssh-keygen accepts each exported seal."""
    (tmp_path / "four.md").write_text(STEPS)
    done = gonogo("run", "four.md", "--yes", "--sign-key", key)
    assert done.returncode == 0, done.stderr
    proved = gonogo("verify", "last", "--allowed-signers", "allowed_signers", "--export", "out", "--json")
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert json.loads(proved.stdout)["verdict"] == "complete"
    statements = list((tmp_path / "out").glob("*.statement"))
    assert statements
    words = [need("ssh-keygen", "openssh-client"), "-Y", "verify", "-f", str(tmp_path / "allowed_signers")]
    words += ["-I", "ops@example.com", "-n", "audit@gonogo", "-s"]
    for one in statements:
        with one.open("rb") as file:
            subprocess.run([*words, one.with_suffix(".sig")], stdin=file, check=True, capture_output=True)


def test_a_run_is_gone_on_with_under_its_key(gonogo: Gonogo, tmp_path: Path, key: Path) -> None:
    """Resume seals with the key of the start; without that key it says how to go on."""
    (tmp_path / "four.md").write_text(STEPS)
    assert gonogo("run", "four.md", "--sign-key", key).returncode == 3
    key.rename(tmp_path / "moved")
    refused = gonogo("resume", "last", "--yes")
    assert refused.returncode == 2
    assert str(key) in refused.stderr
    assert gonogo("resume", "last", "--yes", "--sign-key", tmp_path / "moved").returncode == 0
    assert _records(tmp_path)[-1]["k"] == "seal"


def test_a_key_with_a_passphrase_is_not_guessed_at(
    gonogo: Gonogo, tmp_path: Path, key: Path, need: Callable[[str, str], str]
) -> None:
    """Without a terminal nobody can type a passphrase: nothing starts, and the agent is named."""
    keygen = need("ssh-keygen", "openssh-client")
    subprocess.run([keygen, "-q", "-p", "-f", key, "-P", "", "-N", "long enough"], check=True)
    (tmp_path / "four.md").write_text(STEPS)
    refused = gonogo("run", "four.md", "--yes", "--sign-key", key)
    assert refused.returncode == 2
    assert "ssh-add" in refused.stderr
    assert not list(tmp_path.glob("runs/*/audit.jsonl"))


APPROVED = """---
gonogo: 1
title: Approved
allowed-signers: allowed_signers
---

```sh {id=drop gate=approve}
echo dropped
```
"""


def test_a_step_that_others_approve(
    gonogo: Gonogo, tmp_path: Path, environment: dict[str, str], key: Path
) -> None:
    """Approvals need signers and the operator's key; another's signature opens the gate, one's own never."""
    (tmp_path / "approved.md").write_text(APPROVED)
    assert "say which key is yours" in gonogo("run", "approved.md").stderr
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    with (tmp_path / "allowed_signers").open("a") as file:
        file.write(f"second@example.com {other.with_suffix('.pub').read_text()}")
    (tmp_path / "answers.yaml").write_text(
        "gonogo-answers: 1\nanswers: [{step: drop, at: approve, answer: go}]\n"
    )
    words = [sys.executable, "-m", "gonogo", "run", "approved.md", "--sign-key", str(key)]
    words += ["--answers", "answers.yaml"]
    with subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as run:
        while not (listed := json.loads(gonogo("runs", "--json").stdout)) or not listed[0]["waits_for"]:
            assert run.poll() is None
        own = gonogo("approve", "last", "--key", key, "--yes")
        assert own.returncode != 0
        assert "no second pair of eyes" in own.stderr
        approved = gonogo("approve", "last", "--key", other, "--yes")
        assert approved.returncode == 0, approved.stderr
        told, _ = run.communicate(timeout=30)
    assert run.returncode == 0
    assert "| dropped" in told
    assert "second@example.com" in told
    assert gonogo("verify", "last", "--allowed-signers", "allowed_signers").returncode == 0


def test_signers_can_be_named_at_the_start(gonogo: Gonogo, tmp_path: Path, key: Path) -> None:
    """A runbook that names none takes those of --allowed-signers; with neither nothing starts."""
    (tmp_path / "nobody.md").write_text(APPROVED.replace("allowed-signers: allowed_signers\n", ""))
    refused = gonogo("run", "nobody.md", "--sign-key", key)
    assert refused.returncode == 2
    assert "--allowed-signers FILE" in refused.stderr
    named = gonogo("run", "nobody.md", "--sign-key", key, "--allowed-signers", "allowed_signers")
    assert named.returncode == 3


def test_an_approver_who_goes_on_with_the_run_counts_no_more(
    gonogo: Gonogo, tmp_path: Path, environment: dict[str, str], key: Path
) -> None:
    """Resumed under the approver's own key, the run takes that approval for none: nothing runs."""
    (tmp_path / "approved.md").write_text(APPROVED)
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    with (tmp_path / "allowed_signers").open("a") as file:
        file.write(f"second@example.com {other.with_suffix('.pub').read_text()}")
    (tmp_path / "start.yaml").write_text("gonogo-answers: 1\nanswers: [{at: start, answer: go}]\n")
    (tmp_path / "go.yaml").write_text("gonogo-answers: 1\nanswers: [{step: drop, at: approve, answer: go}]\n")
    words = ["approved.md", "--sign-key", key]
    assert gonogo("run", *words, "--answers", "start.yaml").returncode == 3
    live = [sys.executable, "-m", "gonogo", "resume", "last", "--sign-key", str(key), "--answers", "go.yaml"]
    with subprocess.Popen(live, cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as run:
        while not json.loads(gonogo("runs", "--json").stdout)[0]["live"]:
            assert run.poll() is None
        run.send_signal(signal.SIGSTOP)
        approved = gonogo("approve", "last", "--key", other, "--yes")
        assert approved.returncode == 0, approved.stderr
        run.kill()
    os.kill(process_of(next((tmp_path / "runs").iterdir())), signal.SIGKILL)
    refused = gonogo("resume", "last", "--sign-key", other, "--answers", "go.yaml")
    assert refused.returncode == 3
    assert "0 of 1 signatures count" in refused.stdout
    assert _ran(tmp_path) == []


def test_a_second_run_on_the_same_hosts_is_told(gonogo: Gonogo, tmp_path: Path) -> None:
    """A run that is not over and shares hosts is named before the start, and in the trail."""
    (tmp_path / "i.ini").write_text("[web]\nw1\nw2\n")
    step = "```sh {hosts=web gate=go}\ntrue\n```\n"
    (tmp_path / "one.md").write_text(f"---\ngonogo: 1\ntitle: One\ninventory: i.ini\n---\n\n{step}")
    assert gonogo("run", "one.md").returncode == 3
    second = gonogo("run", "one.md")
    assert "of this runbook is paused on 2 of these hosts: w[1-2]" in second.stderr
    assert "w[1-2]" in _records(tmp_path)[0]["overlaps"][0]
