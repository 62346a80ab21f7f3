"""Either spelling of a runbook loads to the same runbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.format.load import loads
from gonogo.format.model import Input, Kind, Options, Place, Runbook, Script, Section, Step, Verdict
from gonogo.format.spell import Spelling, differences
from gonogo.format.spell_md import to_markdown
from gonogo.format.spell_yaml import to_yaml
from gonogo.text import clean_line

ROOT = Path(__file__).parents[2]
PLACE = Place("x.md")
MARKS = "`~#>-+*_[](){}!|\"'\\$&<>:=%@,.;?^ \tab10é漢🙂\u00a0\u200b\u202e\x1b\x7f"
slow = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

lines = st.text(MARKS, max_size=12)
hostile = st.lists(
    lines
    | st.sampled_from(["```sh", "~~~~", "- item", "1. one", "# head", "---", "-->", "$ ls", "# $ ls", "EOF"])
    | st.sampled_from(
        ["cat <<'EOF'", "\ttab", "    four", "trailing  ", "[ ] box", "<!-- gonogo: as=x -->", "> q"]
    ),
    min_size=1,
    max_size=6,
).map("\n".join)
scripts = hostile.map(lambda text: text.rstrip("\n")).filter(lambda text: text.strip())
one_line = lines.map(str.strip).filter(bool)
titles = lines.map(clean_line).map(str.strip).filter(bool)
words = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
plain = st.lists(words, min_size=1, max_size=4).map(" ".join)
paragraphs = st.lists(plain | st.sampled_from(["- an item\n\n- another", "**bold** `x`"]), max_size=3)
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
    prose = "\n\n".join(draw(paragraphs))
    choice = draw(options(base, frozenset() if kind is Kind.RUN else AROUND_A_STEP))
    step = Step("", draw(plain), kind, PLACE, choice, prose=prose)
    if kind is Kind.CONFIRM:
        return step
    if kind is Kind.WAIT:
        return replace(step, options=replace(choice, wait=draw(seconds)))
    language = draw(st.sampled_from(["sh", "bash", "console", "python", "ruby"]))

    def script() -> Script:
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
    for _ in range(draw(st.integers(1, 4))):
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


@slow
@given(runbooks)
def test_yaml_holds_every_runbook(runbook: Runbook) -> None:
    """What is drawn and what is read from its YAML differ in nothing but derived ids."""
    back = loaded(runbook)
    assert {what for (_, what), _ in differences(runbook, back)} <= {"id"}


@slow
@given(runbooks)
def test_both_spellings_load_to_the_same_runbook(runbook: Runbook) -> None:
    """From the model to Markdown, to YAML, and from there to Markdown again, nothing changes."""
    one = loaded(runbook)
    markdown = to_markdown(one)
    other = again(markdown, "x.md")
    assert dict(differences(one, other)) == {}
    third = again(to_yaml(other), "x.yaml")
    assert dict(differences(one, third)) == {}
    assert to_markdown(third).text == markdown.text
