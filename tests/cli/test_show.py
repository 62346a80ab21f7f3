"""`gonogo show --json`: one object for every document that can be named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gonogo.cli.show import command
from gonogo.errors import UsageError

RUNBOOK = """---
gonogo: 1
title: Restart
inventory: nowhere.ini
---

## Stop <!-- gonogo: hosts=web as=root batch=1,50% -->

```sh {timeout=15m exit="0=ok 3=warn" max-failures=2% env="A=b"}
systemctl stop shop
```

```sh {check every=5s timeout=1m}
! systemctl is-active shop
```

```sh {rollback}
systemctl start shop
```

- [ ] Is it quiet?

- Let it settle <!-- gonogo: wait=5m -->

```json
{}
```
"""


def show(path: Path) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the object."""
    done = CliRunner().invoke(command, [str(path), "--json"])
    found: dict[str, Any] = json.loads(done.stdout)
    return done.exit_code, found


def test_every_block_and_option_is_in_the_object(tmp_path: Path) -> None:
    """Steps, their checks and rollbacks, confirms and waits come in order; no inventory is looked for."""
    path = tmp_path / "a.md"
    path.write_text(RUNBOOK)
    code, found = show(path)
    assert code == 0
    assert list(found) == ["title", "steps", "monitors", "test_plan", "not_run", "problems"]
    steps = found["steps"]
    assert [(step["kind"], step["line"], step.get("of")) for step in steps] == [
        ("run", 9, None),
        ("check", 13, "stop"),
        ("rollback", 17, "stop"),
        ("confirm", 21, None),
        ("wait", 23, None),
    ]
    assert len({step["id"] for step in steps}) == 5
    run, check, rollback, *_, wait = steps
    assert (run["hosts"], run["via"], run["as"], run["script"]) == (
        "web",
        "ssh",
        "root",
        "systemctl stop shop",
    )
    assert (run["timeout"], run["exit"], run["env"]) == (900.0, {"0": "ok", "3": "warn"}, {"A": "b"})
    assert run["max_failures"] == "2%"
    assert run["rolling"]["section"] == "stop"
    assert run["rolling"]["batch"] == ["1", "50%"]
    assert (check["every"], check["timeout"]) == (5.0, 60.0)
    assert rollback["script"] == "systemctl start shop"
    assert wait["wait"] == 300.0
    assert [one["line"] for one in found["not_run"]] == [25]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "---\ngonogo: 1\n---\n\n```sh {timeout=1}\ntrue\n```\n"),
        ("a.yaml", "gonogo: 1\nsteps: [{run: true, timeout: 1}]\n"),
        ("a.yml", "gonogo: 1\nsteps: [\n"),
        ("binary.md", "a\0b"),
    ],
)
def test_errors_end_with_2_and_the_object(tmp_path: Path, name: str, text: str) -> None:
    """With an error the exit code is 2, and the object is printed all the same."""
    (tmp_path / name).write_text(text)
    code, found = show(tmp_path / name)
    assert code == 2
    assert [one["severity"] for one in found["problems"]].count("error") == 1
    assert set(found["problems"][0]) == {"file", "line", "column", "severity", "code", "message", "mend"}


def test_a_file_that_is_missing_is_a_problem_too(tmp_path: Path) -> None:
    """What cannot be read gives an object with its one problem."""
    code, found = show(tmp_path / "missing.md")
    assert (code, found["steps"], found["problems"][0]["code"]) == (2, [], "unreadable")


def test_the_spellings_give_the_same_object(tmp_path: Path) -> None:
    """YAML and RST documents are shown with the same keys."""
    (tmp_path / "a.yaml").write_text("gonogo: 1\nsteps: [{title: Look, run: ls, read-only: true}]\n")
    (tmp_path / "a.rst").write_text("Look\n====\n\n.. code-block:: console\n\n   $ ls\n")
    objects = [show(tmp_path / name)[1]["steps"][0] for name in ("a.yaml", "a.rst")]
    assert [(one["kind"], one["title"], one["script"]) for one in objects] == [
        ("run", "Look", "ls"),
        ("run", "ls", "ls"),
    ]
    assert [one.get("gate") for one in objects] == [None, "go"]


def test_people_are_told_what_is_left_out(tmp_path: Path) -> None:
    """Without --json the blocks that are no step stand below the steps, with their lines."""
    (tmp_path / "a.md").write_text("```sh\nls\n```\n\n```json\n{}\n```\n")
    done = CliRunner().invoke(command, [str(tmp_path / "a.md")])
    assert done.stdout.endswith(
        "\n\nCode blocks that are no step\n  line 5  json: json is no language that runs\n"
    )


def test_two_forms_at_once_are_refused(tmp_path: Path) -> None:
    """--json and --to cannot both be printed."""
    done = CliRunner().invoke(command, [str(tmp_path), "--json", "--to", "md"])
    assert isinstance(done.exception, UsageError)


def test_plain_lines_tell_all_that_a_step_asks_for(tmp_path: Path) -> None:
    """Who does it, how long it may take and how long a wait is stand under the step, as the runbook writes them."""
    path = tmp_path / "restart.md"
    path.write_text(RUNBOOK.replace("inventory: nowhere.ini\n", ""))
    printed = CliRunner().invoke(command, [str(path)]).stdout
    assert '   as=root env=A=b max-failures=2% timeout=15m exit="0=ok 3=warn"\n' in printed
    assert " wait=5m\n" in printed
    assert "       check every=5s timeout=1m\n       check | ! systemctl is-active shop\n" in printed
