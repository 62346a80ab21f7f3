"""Either spelling of a runbook loads to the same runbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gonogo.cli.show import command
from gonogo.errors import RunbookError
from gonogo.format.load import load, loads
from gonogo.format.model import Input, Kind, Options, Place, Runbook, Script, Section, Step, Verdict
from gonogo.format.spell import Spelling, differences
from gonogo.format.spell_md import to_markdown
from gonogo.format.spell_yaml import to_yaml
from gonogo.text import clean_line

ROOT = Path(__file__).parents[2]
PLACE = Place("x.md")
MARKS = "`~#>-+*_[](){}!|\"'\\$&<>:=%@,.;?^ \tab10é漢🙂\u00a0\u200b\u202e\x1b\x7f\x0b\x85\u2028"

lines = st.text(MARKS, max_size=12)
hostile = st.lists(
    lines
    | st.sampled_from(["```sh", "~~~~", "- item", "1. one", "# head", "---", "-->", "$ ls", "# $ ls", "EOF"])
    | st.sampled_from(
        [
            "cat <<'EOF'",
            "\ttab",
            "    four",
            "trailing  ",
            "[ ] box",
            "mysql> x",
            ">>> x",
            "<!-- gonogo: as=x -->",
            "> q",
        ]
    ),
    min_size=1,
    max_size=6,
).map("\n".join)
scripts = hostile.map(lambda text: text.rstrip("\n")).filter(lambda text: text.strip())
one_line = lines.map(str.strip).filter(bool)
titles = lines.map(clean_line).map(str.strip).filter(bool)
words = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
plain = st.lists(words, min_size=1, max_size=4).map(" ".join)
paragraphs = st.lists(
    plain | st.sampled_from(["- an item\n- another", "> said", "1. one\n   more", "**bold** `x`"]), max_size=3
)
prose = paragraphs.map("\n\n".join) | hostile
seconds = st.sampled_from([0.25, 1.0, 5.0, 59.0, 60.0, 90.0, 3600.0, 86400.0, 0.1]) | st.integers(
    1, 99999
).map(float)
values: dict[str, st.SearchStrategy[Any]] = {
    "hosts": one_line.filter(lambda text: text[0] != "-"),
    "via": one_line,
    "run_as": words,
    "cwd": one_line,
    "env": st.dictionaries(
        words, lines.map(lambda text: text.replace(",", "").rstrip()), min_size=1, max_size=2
    ).map(lambda pairs: tuple(pairs.items())),
    "interpreter": one_line,
    "interactive": st.just(True),
    "batch": st.sampled_from([("1",), ("10%",), ("1", "10", "20%")]),
    "order": st.sampled_from(["reverse_inventory", "sorted", "shuffle"]),
    "parallel": st.integers(1, 99),
    "between": st.sampled_from(["go", "30", "90", "3600"]),
    "max_failures": st.sampled_from(["0", "3", "2%"]),
    "timeout": seconds,
    "connect_timeout": seconds,
    "retries": st.integers(1, 9),
    "retry_delay": seconds,
    "until": st.just(True),
    "every": seconds,
    "exit_map": st.dictionaries(st.integers(0, 255), st.sampled_from(Verdict), min_size=1, max_size=3).map(
        lambda pairs: tuple(pairs.items())
    ),
    "expect": st.sampled_from(["^[1-9]", r'a "b" \\', "a b", "x{2}", "it's", r"\\", "-->", "x\ny"]),
    "expect_not": st.sampled_from(["`tick`", "'\"", "}{", "no"]),
    "capture": words,
    "capture_keys": st.lists(words, min_size=1, max_size=3).map(tuple),
    "same_as": words,
    "gate": st.sampled_from(["go", "auto", "typed", "approve"]),
    "approvers": st.integers(2, 9),
    "role": words,
    "read_only": st.just(True),
    "outage_begin": one_line,
    "outage_end": one_line,
    "on_failure": st.sampled_from(["continue", "stop", "rollback"]),
    "no_output": st.just(True),
    "no_rollback": one_line,
    "when": st.sampled_from(["$a == b", '$a =~ "^x y$" or not $b', '$n == "-->"']),
    "wait": seconds,
    "at": st.sampled_from(["22:30", "2026-11-21T22:30+01:00"]),
    "tags": st.lists(words, min_size=1, max_size=3).map(tuple),
}
DEFAULTS = Options()
AROUND_A_STEP = frozenset({"batch", "between", "outage_begin", "outage_end", "wait", "at"})


@st.composite
def options(draw: st.DrawFn, base: Options = DEFAULTS, without: frozenset[str] = frozenset()) -> Options:
    """Draw a few options over a base."""
    names = draw(st.lists(st.sampled_from(sorted(values.keys() - without)), max_size=4, unique=True))
    return replace(base, **{name: draw(values[name]) for name in names})


@st.composite
def steps(draw: st.DrawFn, base: Options) -> Step:
    """Draw a step of any kind."""
    kind = draw(st.sampled_from([Kind.RUN, Kind.RUN, Kind.CONFIRM, Kind.WAIT]))
    choice = draw(options(base, frozenset() if kind is Kind.RUN else AROUND_A_STEP))
    step = Step("", draw(plain), kind, PLACE, choice, prose=draw(prose))
    if kind is Kind.CONFIRM:
        return step
    if kind is Kind.WAIT:
        return replace(step, options=replace(choice, wait=draw(seconds)))

    def script() -> Script:
        language = draw(st.sampled_from(["sh", "bash", "console", "python", "ruby"]))
        text = draw(scripts)
        # Behind a session's prompt leading blanks mean nothing.
        return Script(text.lstrip() if language == "console" else text, language, PLACE)

    def own() -> float | None:
        return draw(st.none() | seconds)

    return replace(
        step,
        title=draw(plain | titles),
        script=script(),
        check=replace(script(), every=own(), timeout=own()) if draw(st.booleans()) else None,
        rollback=replace(script(), timeout=own()) if draw(st.booleans()) else None,
    )


@st.composite
def outline(draw: st.DrawFn, base: Options = DEFAULTS, depth: int = 0) -> tuple[Section | Step, ...]:
    """Draw steps and sections; a section that rolls gives its options to its steps."""
    found: list[Section | Step] = []
    for _ in range(draw(st.integers(1, 3))):
        if depth < 4 and draw(st.integers(0, 2)) == 0:
            rolling = draw(st.none() | options(base, AROUND_A_STEP))
            rolling = rolling and replace(
                rolling, batch=draw(values["batch"]), between=draw(values["between"])
            )
            below = replace(rolling, batch=(), between="ask") if rolling else base
            found.append(Section("", draw(plain), PLACE, draw(outline(below, depth + 1)), rolling))
        else:
            found.append(draw(steps(base)))
    return tuple(found)


inputs = st.builds(
    Input,
    name=words,
    prompt=plain | titles,
    choices=st.lists(lines, max_size=2).map(tuple),
    default=st.none() | lines,
    secret=st.booleans(),
    type=st.sampled_from(["text", "int", "bool", "host", "duration"]),
    pattern=st.none() | st.sampled_from(["[0-9]+", "---", "a: b # c"]),
    ask=st.sampled_from(["start", "reached"]),
)
runbooks = st.builds(
    Runbook,
    title=plain
    | st.sampled_from(["yes", "1", "a: b", "- x", "<!-- gonogo: as=root -->", "'q' \"d\"", "# C#"]),
    path=st.just("x.md"),
    ours=st.just(True),
    children=outline(),
    inventory=st.none() | one_line,
    inputs=st.lists(inputs, max_size=3, unique_by=lambda one: one.name).map(tuple),
    services=st.lists(plain, max_size=2).map(tuple),
    blast_radius=st.none() | st.integers(1, 999),
    allowed_signers=st.none() | one_line,
    roles=st.dictionaries(words, st.lists(plain, max_size=2).map(tuple), max_size=2).map(
        lambda d: tuple(d.items())
    ),
)


def again(spelling: Spelling, name: str) -> Runbook:
    """Load what was written; nothing may be lost."""
    assert spelling.lost == (), spelling.text
    return loads(spelling.text.encode(), name, checked=False).runbook


def loaded(runbook: Runbook) -> Runbook:
    """Return the model that the reader makes of a drawn one: with ids, and prose where the reader puts it."""
    return loads(to_yaml(runbook).text.encode(), "x.yaml", checked=False).runbook


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(runbooks)
def test_both_spellings_hold_every_runbook(runbook: Runbook) -> None:
    """From the model to YAML, to Markdown, to YAML and to Markdown again, nothing but derived ids changes."""
    one = loaded(runbook)
    assert {what for (_, what), _ in differences(runbook, one)} <= {"id"}
    markdown = to_markdown(one)
    other = again(markdown, "x.md")
    assert dict(differences(one, other)) == {}
    third = again(to_yaml(other), "x.yaml")
    assert dict(differences(one, third)) == {}
    assert to_markdown(third).text == markdown.text


FILES = [
    path
    for folder in (ROOT / "runbooks", ROOT / "tests" / "data" / "wild")
    for path in sorted(folder.rglob("*"))
    if path.suffix in (".md", ".rst")
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_documents_keep_everything(path: Path) -> None:
    """A runbook of ours or of anybody else is the same in both spellings."""
    one = loads(path.read_bytes(), str(path), checked=False).runbook
    if one.children:
        assert dict(differences(one, again(to_markdown(one), "x.md"))) == {}
        assert dict(differences(one, again(to_yaml(one), "x.yaml"))) == {}


READS_WELL = """---
gonogo: 1
title: Update
inventory: hosts.ini
---

# Update

## Before

- [ ] The change is announced
- [ ] A colleague looks on

## Web servers <!-- gonogo: hosts=web as=root batch=1,10% -->

### Drain

Connections end within a minute.

```sh {timeout=2m}
drain --wait
```

```sh {check every=5s}
! busy
```

### Update the package

````bash {no-rollback="the old package is gone"}
cat <<'EOF' > /etc/motd
```
EOF
````
"""


def test_markdown_reads_as_a_person_writes_it() -> None:
    """Sections are headings, questions are checkboxes, commands stand in blocks with their options."""
    runbook = loads(READS_WELL.encode(), "x.md", checked=False).runbook
    assert to_markdown(runbook).text == READS_WELL
    assert to_markdown(loads(to_yaml(runbook).text.encode(), "x.yaml").runbook).text == READS_WELL


def test_sections_go_deeper_than_headings() -> None:
    """Below the sixth heading sections and steps are list items."""
    children: tuple[Section | Step, ...] = tuple(
        Step("", title, Kind.RUN, PLACE, script=Script("ls\n\n  x"), prose="- a\n- b")
        for title in ("one", "two")
    )
    for level in range(9, 0, -1):
        children = (
            Section("", f"level {level}", PLACE, (*children, Step("", f"q{level}?", Kind.CONFIRM, PLACE))),
        )
    one = loaded(Runbook("deep", ours=True, path="x.md", children=children))
    assert len(list(one.steps())) == 11
    text = again(to_markdown(one), "x.md")
    assert dict(differences(one, text)) == {}
    assert "###### level 5\n\n1. level 6\n\n   1. level 7\n" in to_markdown(one).text


def test_a_foreign_document_becomes_ours_and_still_asks() -> None:
    """Every block of somebody else's document waits for a go, also when it is written anew."""
    one = loads(b"# Fix\n\n```bash\nreboot\n```\n", "theirs.md").runbook
    other = again(to_markdown(one), "x.md")
    assert not one.ours
    assert other.ours
    assert [step.options.gate for _, step in other.steps()] == ["go"]


def test_includes_are_written_out(tmp_path: Path) -> None:
    """What an included document holds stands in its place, below a comment with its name."""
    (tmp_path / "told.md").write_text("---\ngonogo: 1\n---\n# Tell\n\n- [ ] Users know\n- [ ] So does she\n")
    (tmp_path / "a.yaml").write_text(
        "gonogo: 1\ntitle: A\nsteps:\n- include: told.md\n- title: B\n  run: ls\n"
    )
    one = load(tmp_path / "a.yaml").runbook
    for found, name, comment in (
        (to_markdown(one), "x.md", f"<!-- from {tmp_path}/told.md -->\n"),
        (to_yaml(one), "x.yaml", f"# from {tmp_path}/told.md\n"),
    ):
        assert found.text.count(comment) == 1
        assert dict(differences(one, again(found, name))) == {}


def test_what_cannot_be_held_is_told(tmp_path: Path) -> None:
    """The text is printed all the same; the error names the step and what differs."""
    path = tmp_path / "a.yaml"
    path.write_text(
        "gonogo: 1\ntitle: A\nsteps:\n- title: Look\n  language: console\n  run: |2\n      $ ls\n    $ ls\n"
    )
    done = CliRunner().invoke(command, [str(path), "--to", "md"])
    assert done.stdout.startswith("---\ngonogo: 1\n")
    assert isinstance(done.exception, RunbookError)
    assert "'Look': its script differs" in done.exception.what


def test_what_is_too_large_for_a_spelling_is_told() -> None:
    """YAML has a lower limit than Markdown; nobody finds that out by losing a runbook."""
    commands = "# a long script\n" * 70_000
    one = loads(f"# Long\n\n```sh\n{commands}```\n".encode(), "x.md", checked=False).runbook
    assert to_yaml(one).lost[0] == "the YAML has more than 1 MiB"


def test_a_runbook_with_errors_is_not_printed(tmp_path: Path) -> None:
    """What the reader could not take would be missing in the other spelling."""
    path = tmp_path / "a.yaml"
    path.write_text("gonogo: 1\nsteps:\n- run: ls\n- rum: ls\n")
    done = CliRunner().invoke(command, [str(path), "--to", "md"])
    assert done.stdout == ""
    assert isinstance(done.exception, RunbookError)


@pytest.mark.parametrize("to", ["md", "yaml"])
def test_the_command_prints_what_loads(tmp_path: Path, to: str) -> None:
    """`gonogo show --to` prints a runbook that can be redirected into a file."""
    path = tmp_path / "a.md"
    path.write_text(READS_WELL)
    done = CliRunner().invoke(command, [str(path), "--to", to])
    again_ = tmp_path / f"b.{to}"
    again_.write_text(done.stdout)
    assert done.exit_code == 0
    assert dict(differences(load(path).runbook, load(again_).runbook)) == {}
