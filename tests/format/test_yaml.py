"""The YAML spelling, and YAML that means harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.errors import RunbookError
from gonogo.format.load import load, loads
from tests.format.test_markdown import codes

SAME = """gonogo: 1
title: Test
inputs:
  - {name: release, choices: [a, b]}
steps:
  - title: Work
    hosts: web
    batch: [1, 50%]
    steps:
      - title: Stop
        as: root
        run: systemctl stop "$release"
        check: "! systemctl is-active x"
        exit: {0: ok, 3: warn}
  - confirm: Do they answer?
"""


def test_the_same_model_from_both() -> None:
    """A YAML document and its Markdown twin have the same steps, options and scripts."""
    markdown = (
        "---\ngonogo: 1\ntitle: Test\ninputs:\n  - {name: release, choices: [a, b]}\n---\n\n"
        "## Work <!-- gonogo: hosts=web batch=1,50% -->\n\n### Stop\n\n"
        '```sh {as=root exit="0=ok 3=warn"}\nsystemctl stop "$release"\n```\n\n```sh {check}\n! systemctl is-active x\n```\n\n'
        "## Done\n\n- [ ] Do they answer?\n"
    )
    one, other = loads(SAME.encode(), "a.yaml"), loads(markdown.encode(), "a.md")
    assert codes(one) == codes(other) == []

    def model(loaded: object) -> list[object]:
        return [
            (
                step.title,
                step.kind,
                step.options,
                step.script and step.script.text,
                step.check and step.check.text,
            )
            for _, step in loaded.runbook.steps()  # type: ignore[attr-defined]
        ]

    assert model(one) == model(other)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 50_000, "too-deep"),
        ("a: &x [1]\nb: *x\n", "anchor"),
        ("gonogo: 1\nsteps: [{<<: {run: a}}]\n", "anchor"),
        ("gonogo: !!python/object:os.system 1\n", "tag"),
        ("gonogo: 1\ntitle: a\ntitle: b\nsteps: []\n", "duplicate-key"),
        ("gonogo: 1\n\tsteps: []\n", "bad-yaml"),
        ("gonogo: 1\nstesp: []\n", "unknown-key"),
        ("gonogo: 2\nsteps: []\n", "bad-version"),
        ("gonogo: 1\nsteps: {run: a}\n", "bad-value"),
        ("gonogo: 1\nsteps: [run]\n", "bad-value"),
        ("gonogo: 1\nsteps: [{run: a, confirm: b}]\n", "bad-step"),
        ("gonogo: 1\nsteps: [{title: a}]\n", "bad-step"),
        ("gonogo: 1\nsteps: [{run: a, timeout: 1:30}]\n", "bad-value"),
        ("gonogo: 1\nsteps: [{run: a, batch: 0}]\n", "bad-value"),
        ("gonogo: 1\nsteps: [{run: [a]}]\n", "bad-value"),
        ("gonogo: 1\nsteps: [{include: ../x.yaml}]\n", "bad-include"),
        ("- a\n", "bad-value"),
        ("# nothing\n", "empty"),
        ("x" * 1_100_000, "too-large"),
    ],
)
def test_bad_yaml_is_an_error_with_its_place(text: str, code: str) -> None:
    """Bombs, depth, tags, doubled keys and wrong types are errors; the process lives on."""
    found = loads(text.encode(), "a.yaml")
    assert code in codes(found)


def test_scalars_stay_what_was_written() -> None:
    """`no`, `22:22` and `0755` are not turned into something else."""
    found = loads(b"gonogo: 1\ntitle: no\nsteps: [{run: a, cwd: 22:22, tags: [0755, on]}]\n", "a.yaml")
    (_, step), *_ = found.runbook.steps()
    assert found.runbook.title == "no"
    assert (step.options.cwd, step.options.tags) == ("22:22", ("0755", "on"))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a FIFO, a device and a missing file are refused at once, without waiting for anything."""
    import os

    os.mkfifo(tmp_path / "fifo.md")
    for path in (tmp_path, tmp_path / "fifo.md", Path("/dev/zero"), tmp_path / "missing.md"):
        with pytest.raises(RunbookError):
            load(path)
