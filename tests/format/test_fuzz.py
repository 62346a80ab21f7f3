"""Whatever a file holds, the reader ends with a runbook and problems, or with one error; never with a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gonogo.errors import RunbookError
from gonogo.format.load import load, loads
from gonogo.format.model import Runbook, Severity
from gonogo.text import clean, clean_line
from tests.format.test_wild import PIECES

HEADS = ["", "---\ngonogo: 1\n---\n", "+++\ngonogo = 1\n+++\n", '{"gonogo": 1}\n']
KEYS = ["hosts", "batch", "timeout", "exit", "env", "id", "title", "check", "include", "wait", "at", "when"]
MARKDOWN = st.lists(st.sampled_from([*PIECES, *(f"{key}=" for key in KEYS), "=", '"', "'", "\\", "\0x", "\x1b[31m", "\ud800"]) | st.text(max_size=6), max_size=40).map("".join)  # fmt: skip
YAML = st.recursive(
    st.text(max_size=8) | st.none() | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from([*KEYS, "gonogo", "steps", "inputs", "name", "run", "confirm", "rollback", "roles", "services"]) | st.text(max_size=5),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip
RST_PIECES = [
    ".. ",
    "::",
    ".. code-block:: bash",
    ".. note::",
    ".. include:: /etc/passwd",
    ".. x::",
    ":a: b",
    "=",
    "====",
    "----",
    "A\n-\n",
    "- ",
    "#. ",
    "* ",
    "\\",
    "\n+--+",
    "``",
    "`a`_",
    "**",
    ".. _a: b",
    ".. [#] c",
    ":r:`t`",
    "$ ls",
    ">>> x",
    "-o  x",
    "\t",
    "= =",
    "..\n",
    "__ x",
    ".. raw:: html",
    "  ",
    "    ",
    "\n",
    "\n\n",
    "\n",
]
RST = st.lists(
    st.sampled_from(["| a", "|  |", ".. |s| x::", *RST_PIECES]) | st.text(max_size=6), max_size=40
).map("".join)


def read(data: bytes, name: str) -> Runbook | None:
    """Return the runbook; None when there is nothing that can be read."""
    try:
        loaded = loads(data, name)
    except RunbookError as error:
        told = clean(str(error))
        return None if told == str(error) else pytest.fail(told)
    for problem in loaded.problems:
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        assert clean_line(str(problem)) == str(problem)
    for _, step in loaded.runbook.steps():
        assert clean_line(step.title) == step.title
        assert clean_line(step.id) == step.id
    names = [step.id for _, step in loaded.runbook.steps()]
    assert len(set(names)) == len(names)
    return loaded.runbook


def encoded(text: str) -> bytes:
    """Return bytes, which a lone surrogate keeps from being UTF-8."""
    return text.encode("utf-8", "surrogatepass")


@settings(max_examples=400)
@given(st.sampled_from(HEADS), MARKDOWN)
def test_any_markdown(head: str, text: str) -> None:
    """Text in our own and in others' documents."""
    read(encoded(head + text), "a.md")


@settings(max_examples=200)
@given(YAML)
@example([{"wait": "\x1f"}])
def test_any_yaml_value(value: object) -> None:
    """Values of any type wherever a key, a step or a text is due (JSON is YAML)."""
    read(json.dumps({"gonogo": 1, "steps": value}).encode(), "a.yaml")
    read(json.dumps(value).encode(), "a.yaml")
    read(f"{json.dumps({'gonogo': 1, 'inputs': value})}\n# A\n".encode(), "a.md")


@settings(max_examples=200)
@given(st.lists(st.sampled_from(["a", ":", " ", "\n", "-", "[", "]", "{", "}", "&x", "*x", "!!a", "|", ">", '"', "'", "#", "%", "?", "<<", "gonogo: 1\n", "steps:\n"]) | st.text(max_size=4), max_size=30).map("".join))  # fmt: skip
def test_any_yaml_text(text: str) -> None:
    """Text that may be no YAML at all."""
    read(encoded(text), "a.yaml")
    read(encoded(f"---\ngonogo: 1\n{text}\n---\n# A\n"), "a.md")


@settings(max_examples=200)
@given(RST)
def test_any_rst(text: str) -> None:
    """Text that may be no RST at all."""
    read(encoded(text), "a.rst")


@settings(max_examples=200)
@given(st.binary(max_size=64), st.sampled_from(["a.md", "a.yaml", "a.rst"]))
def test_any_bytes(data: bytes, name: str) -> None:
    """Bytes that may be no text at all."""
    read(data, name)


def many(lines: str, count: int) -> Callable[[], bytes]:
    """Return a document of the same lines again and again, of at most 4 MiB."""
    return ("---\ngonogo: 1\n---\n\n" + lines * count)[: 4 << 20].encode


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "50,000 brackets": ("a.yaml", lambda: b"[" * 50_000),
    "50,000 maps": ("a.yaml", lambda: b"{a: " * 50_000),
    "50,000 dashes": ("a.yaml", lambda: b"- " * 50_000),
    "a bomb": ("a.yaml", lambda: b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"),
    "a bomb in a head": ("a.md", lambda: b"---\ngonogo: 1\na: &a [x]\nb: [*a, *a]\n---\n"),
    "brackets in a head": ("a.md", lambda: b"---\ngonogo: 1\na: " + b"[" * 50_000 + b"\n---\n"),
    "brackets in JSON": ("a.md", lambda: b'{"gonogo": ' + b"[" * 100_000),
    "brackets in TOML": ("a.md", lambda: b"+++\ngonogo = 1\na = " + b"[" * 100_000 + b"\n+++\n"),
    "JSON attributes": ("a.md", many('```sh {"a": ' + "[" * 100_000 + "\n```\n", 1)),
    "a long attribute": ("a.md", many("```sh {a=" + "x" * 1_000_000 + "}\ntrue\n```\n", 1)),
    "an attribute without an end": ("a.md", many('```sh {a="' + "\\" * 1_000_000 + "\n```\n", 1)),
    "quotations": ("a.md", many(">" * 100_000 + "\n", 1)),
    "lists": ("a.md", many("- " * 50_000 + "x\n", 1)),
    "emphasis": ("a.md", many("*_" * 300_000 + "\n", 1)),
    "links": ("a.md", many("[" * 300_000 + "\n", 1)),
    "comments": ("a.md", many("# <!--" + "<!-- gonogo:" * 50_000 + "\n", 1)),
    "backticks": ("a.md", many("x `" + "`" * 500_000 + "\n", 1)),
    "one line": ("a.md", many("x" * (3 << 20), 1)),
    "prompts": ("a.md", many("```console\n" + "$ cat <<A\n" * 20_000 + "```\n", 1)),
    "tables of RST": ("a.rst", lambda: b"+" + b"-+" * 4000),
    "RST indented": ("a.rst", lambda: b"".join(b" " * n + b"- a\n\n" for n in range(1000))),
    "integers": ("a.yaml", lambda: b"gonogo: 1\nsteps: [{run: a, retries: " + b"9" * 100_000 + b"}]\n"),
    "an empty key": ("a.yaml", lambda: b"? \n: a\n"),
    "a zero": ("a.yaml", lambda: b"gonogo: 1\0\n"),
}

FINE = {"emphasis", "links", "comments", "backticks", "one line", "prompts", "tables of RST"}
"""What is odd but no mistake."""
_MEASURE = r"""
import re, resource, sys
from pathlib import Path
from gonogo.errors import RunbookError
from gonogo.format.load import load
for path in sys.argv[1:]:
    resource.setrlimit(resource.RLIMIT_CPU, (int(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + 10, -1))
    try:
        errors = [one for one in load(path).problems if one.severity == "error"]
    except RunbookError as error:
        errors = [error]
    # Not ru_maxrss: that of a process begins with what its parent held.
    print(len(errors), re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1], flush=True)
"""


def test_what_means_harm_is_read_or_refused_in_bounds(tmp_path: Path) -> None:
    """Each is an error, in 200 MiB and little processor time, and the process lives on."""
    paths = []
    for number, (ending, make) in enumerate(HOSTILE.values()):
        paths.append(tmp_path / str(number) / ending)
        paths[-1].parent.mkdir()
        paths[-1].write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *map(str, paths)], capture_output=True, text=True, check=False
    )
    rows = [tuple(map(int, row.split())) for row in done.stdout.splitlines()]
    assert (len(rows), done.returncode) == (len(paths), 0), done.stderr[-1000:]
    assert {name for name, (errors, _) in zip(HOSTILE, rows, strict=True) if not errors} == FINE
    assert max(kibibytes for _, kibibytes in rows) < 200 << 10


def test_what_is_no_small_file_is_refused(tmp_path: Path) -> None:
    """100 MB, a loop of links, a FIFO and a folder are one line each, and nothing waits."""
    with (tmp_path / "large.md").open("wb") as file:
        file.truncate(100_000_000)
    os.symlink("loop.yaml", tmp_path / "loop.yaml")
    os.mkfifo(tmp_path / "fifo.rst")
    (tmp_path / "folder.md").mkdir()
    for name, what in [
        ("large.md", "4 MiB"),
        ("loop.yaml", "Too many"),
        ("fifo.rst", "no file"),
        ("folder.md", "folder"),
    ]:
        with pytest.raises(RunbookError, match=what):
            load(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("gonogo: 1\nsteps:\n\t- run: a\n", "3:1", "bad-yaml"),
        ("gonogo: 1\nsteps:\n  - [run]\n", "3:5", "bad-value"),
        ("gonogo: 1\nsteps:\n  - run: a\n    confirm: b\n", "3:5", "bad-step"),
        ("gonogo: 1\nsteps:\n  - run: a\n    batch: 0\n", "4:12", "bad-value"),
        ("gonogo: 1\nsteps:\n  - run: a\n    batch: 150%\n", "4:12", "bad-value"),
        ("gonogo: 1\nsteps:\n  - run: a\n    timeout: 1:30\n", "4:14", "bad-value"),
        ("gonogo: 1\nsteps:\n  - run: a\n    run: b\n", "4:5", "duplicate-key"),
        ("gonogo: 1\nsteps:\n  - run: a\n    hosts: -oProxyCommand=x\n", "4:12", "bad-value"),
        ("gonogo: 1\ninputs: {name: x}\nsteps: []\n", "2:9", "bad-value"),
        ("gonogo: 1\nsteps: &a []\n", "2:8", "anchor"),
        ('gonogo: 1\nsteps: [{run: "a\\0"}]\n', "2:15", "bad-yaml"),
        ("gonogo: 1\nsteps: !!seq []\n", "2:8", "tag"),
        ("gonogo: 1\nsteps: [{run: a, env: [x]}]\n", "2:23", "bad-value"),
        ("gonogo: 1\nsteps: [{run: a, prose: {a: b}}]\n", "2:25", "bad-value"),
        ("gonogo: 1\nsteps: [{run: a, check: {run: ''}}]\n", "2:31", "bad-value"),
    ],
)
def test_mistakes_in_yaml_have_their_place(text: str, place: str, code: str) -> None:
    """Each mistake is told where it stands."""
    found = loads(text.encode(), "a.yaml").problems
    assert f"{place} {code}" in {f"{one.place.line}:{one.place.column} {one.code}" for one in found}


@pytest.mark.parametrize(
    ("head", "place", "code"),
    [
        ("---\ngonogo: 1\nstesp: []\n---\n", "3:1", "unknown-key"),
        ("---\ngonogo: 2\n---\n", "2:9", "bad-version"),
        ("---\ngonogo: 1\ntitle: [a]\n---\n", "3:8", "bad-value"),
        ("---\ngonogo: 1\n\n# never closed\n", "1:1", "bad-head"),
        ("---\ngonogo: 1\n\ttitle: a\n---\n", "3:1", "bad-yaml"),
        ("---\ngonogo: 1\nblast-radius: x\n---\n", "3:15", "bad-value"),
        ("+++\ngonogo = 1\ntitle = a\n+++\n", "3:9", "bad-head"),
        ("+++\ngonogo = 1\nstesp = 1\n+++\n", "3:1", "unknown-key"),
        ("+++\ngonogo = 1\ntitle = 'a'\ntitle = 'b'\n+++\n", "4:12", "bad-head"),
        ("+++\ngonogo = 1\n", "1:1", "bad-head"),
        ("\n\n---\ngonogo: 1\n---\n", "3:1", "bad-head"),
        ('{\n "gonogo": 1,\n "title": a\n}\n', "3:11", "bad-head"),
        ('{\n "gonogo": 1,\n "stesp": 1\n}\n', "3:2", "unknown-key"),
        ('{\n "gonogo": 1,\n "gonogo": 1\n}\n', "1:1", "bad-head"),
        ('{\n "gonogo": 1\n', "1:1", "bad-head"),
        ('{\n "gonogo": 1,\n "title": "a\\u0000"\n}\n', "3:2", "bad-head"),
        ('+++\ngonogo = 1\ntitle = "a\\u0000"\n+++\n', "3:1", "bad-head"),
        ('---\ngonogo: 1\ntitle: "a\\0"\n---\n', "3:8", "bad-yaml"),
    ],
)
def test_mistakes_in_the_head_have_their_place(head: str, place: str, code: str) -> None:
    """In YAML, TOML and JSON alike."""
    found = loads((head + "\n## A\n\n```sh\ntrue\n```\n").encode(), "a.md").problems
    assert f"{place} {code}" in {f"{one.place.line}:{one.place.column} {one.code}" for one in found}


@pytest.mark.parametrize(
    ("info", "column"),
    [
        ("```sh {hosts=web", 7),
        ("```sh {hosts='web}", 7),
        ("```sh   {a b=c}", 10),
        ("```sh {timeout=5 hosts=x}", 8),
        ("   ```sh {hosts=x timeout=5}", 19),
        ("```sh {=x}", 8),
        ('```sh {"hosts": }', 7),
        ('```sh {"hosts": "a", "hosts": "b"}', 7),
        ("```sh {hosts=x hosts=y}", 16),
        ('```sh {"cwd": "\\u0000"}', 7),
        ('```sh {"cwd": "\\ud800"}', 7),
    ],
)
def test_mistakes_in_attributes_have_their_column(info: str, column: int) -> None:
    """An unclosed brace or quote, a doubled key, a bad word or value: each at its own column."""
    text = f"---\ngonogo: 1\n---\n\n{info}\ntrue\n{info.strip()[:3]}\n"
    found = [one for one in loads(text.encode(), "a.md").problems if one.severity is Severity.ERROR]
    assert (5, column) in {(one.place.line, one.place.column) for one in found}
