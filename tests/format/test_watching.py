"""Monitors and the test plan in a document: what is read, what is refused and where, both spellings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.format.load import Loaded, loads
from gonogo.format.model import Limits, Monitor, Runbook, Severity
from gonogo.format.spell import differences
from gonogo.format.spell_md import to_markdown
from gonogo.format.spell_yaml import to_yaml

STEPS = "steps: [{title: Look, id: look, read-only: true, run: uptime}, {confirm: Go?}]\n"


def yaml(head: str, steps: str = STEPS) -> Loaded:
    """Read a runbook in YAML."""
    return loads(f"gonogo: 1\ntitle: T\n{head}{steps}".encode(), "x.yaml")


def told(loaded: Loaded) -> list[str]:
    """Return the mistakes as `line:column code`."""
    return [f"{one.place.line}:{one.place.column} {one.code}" for one in loaded.problems]


def test_what_a_monitor_is_without_a_word() -> None:
    """Every 30 s, on this machine, the first number of the last line; it is read-only by itself."""
    (found,) = yaml("monitors: [{name: load, run: cat /proc/loadavg}]\n").runbook.monitors
    options = found.step.options
    assert (options.every, options.timeout, options.hosts, options.read_only) == (30.0, 30.0, None, True)
    assert (found.name, found.value, found.combine, found.limits) == ("load", "number", "max", Limits())


def test_the_worst_of_several_hosts_counts() -> None:
    """Where all limits are below, that is the lowest number."""
    (found,) = yaml("monitors: [{name: free, run: df, warn-below: 5}]\n").runbook.monitors
    assert found.combine == "min"


@pytest.mark.parametrize(
    ("monitor", "mistake"),
    [
        ("{run: x}", "3:12 bad-value"),
        ("{name: a}", "3:12 bad-value"),
        ("{name: a, run: x, openstack: limits}", "3:19 bad-value"),
        ("{name: a b, run: x}", "3:19 bad-value"),
        ("{name: a, run: ''}", "3:27 bad-value"),
        ("{name: a, run: x, every: 500ms}", "3:37 bad-value"),
        ("{name: a, run: x, every: 5}", "3:37 bad-value"),
        ("{name: a, run: x, value: 'no group'}", "3:37 bad-value"),
        ("{name: a, run: x, value: '('}", "3:37 bad-value"),
        ("{name: a, run: x, warn-above: much}", "3:42 bad-value"),
        ("{name: a, run: x, warn-above: 9, alarm-above: 3}", "3:12 bad-value"),
        ("{name: a, run: x, combine: best}", "3:39 bad-value"),
        ("{name: a, run: x, batch: 3}", "3:30 unknown-key"),
        ("{name: a, run: x, wran-above: 3}", "3:30 unknown-key"),
        ("{name: a, run: systemctl restart x}", "3:27 changes"),
        ("{name: a, run: sed -i s/a/b/ f}", "3:27 changes"),
        ("{name: a, run: uptime > out}", "3:34 changes"),
        ("{name: a, run: 'uptime &>> /var/log/x 2>&1'}", "3:35 changes"),
        ("{name: a, run: '{ uptime; } 2>| out'}", "3:40 changes"),
        ("{name: a, run: 'uptime >& out'}", "3:35 changes"),
        ("{name: a, run: echo $nothing}", "3:32 undefined-variable"),
        ("just text", "3:12 bad-value"),
    ],
)
def test_each_mistake_of_a_monitor_has_its_place(monitor: str, mistake: str) -> None:
    """What is wrong is told once, where it stands."""
    assert told(yaml(f"monitors: [{monitor}]\n")) == [mistake]


def test_a_monitor_that_keeps_a_note_may_run() -> None:
    """Writing into a file is a warning: nothing is refused for it."""
    (found,) = yaml("monitors: [{name: a, run: uptime > out}]\n").problems
    assert (found.code, found.severity) == ("changes", Severity.WARNING)


@pytest.mark.parametrize(
    "run",
    [
        "uptime >/dev/null 2>&1",
        "uptime 2>&- 1>&2",
        "at=$(mktemp); uptime > $at",
        "uptime > >(true)",
        "x=1; if [[ $x > 0 ]]; then uptime; fi",
        "awk '{ if ($1 > 2) print }' < /proc/loadavg",
        "f() { uptime > out; }; uptime",
        "echo $((3 > 2)) # > out",
    ],
)
def test_what_writes_no_file_only_looks(run: str) -> None:
    """Streams, devices, comparisons, and files that the script itself makes a name for."""
    monitor = "monitors:\n  - name: a\n    language: bash\n    run: |\n      "
    assert told(yaml(f"{monitor}{run}\n")) == []


def test_a_monitor_knows_what_is_asked_at_the_start() -> None:
    """It begins with the run: no input that comes later, and hosts by inputs that are no secrets."""
    late = "inputs: [{name: who, ask: reached}]\nmonitors: [{name: a, run: id $who}]\n"
    assert told(yaml(late)) == ["4:12 bad-value"]
    hosts = "inventory: h\nmonitors: [{name: a, run: id, hosts: $who}]\n"
    assert [one.code for one in yaml(hosts).problems] == ["hosts-value"]


def test_two_monitors_of_one_name() -> None:
    """The second one is refused."""
    found = yaml("monitors:\n  - {name: a, run: x}\n  - {name: a, run: y}\n")
    assert told(found) == ["5:5 duplicate-id"]


def test_more_monitors_than_are_taken() -> None:
    """Memory and screen are bounded, so their number is."""
    many = "".join(f"  - {{name: m{number}, run: x}}\n" for number in range(60))
    found = yaml(f"monitors:\n{many}")
    assert [one.code for one in found.problems] == ["too-large"]
    assert len(found.runbook.monitors) == 50


def test_a_monitor_counts_as_using_an_input() -> None:
    """An input that only a monitor looks at is not unused."""
    assert told(yaml("inputs: [{name: who}]\nmonitors: [{name: a, run: id $who}]\n")) == []


@pytest.mark.parametrize(
    ("steps", "mistake"),
    [
        ("steps: [{title: A, test: true, no-rollback: x, run: uptime}, {confirm: Go?}]\n", "no-test"),
        ("steps: [{title: A, test: true, read-only: true, interactive: true, run: w}]\n", "no-test"),
        ("steps: [{title: A, test: true, read-only: true, run: rm x}, {confirm: Go?}]\n", "changes"),
        ("steps: [{title: A, test: true, steps: [{confirm: Go?}]}]\n", "no-test"),
    ],
)
def test_what_cannot_be_a_test(steps: str, mistake: str) -> None:
    """A test only looks."""
    assert [one.code for one in yaml("", steps).problems] == [mistake]


def test_the_test_plan_names_what_there_is() -> None:
    """An unknown id is told at itself, and what is named must only look."""
    assert told(yaml("test-plan: [look, loook]\n")) == ["3:19 unknown-test"]
    assert told(yaml("test-plan: look\n")) == []
    changing = "steps: [{title: A, id: a, no-rollback: x, run: uptime}]\n"
    assert [one.code for one in yaml("test-plan: [a]\n", changing).problems] == ["no-test"]


MARKDOWN = """---
gonogo: 1
test-plan: [before]
---
# T

## Before

### One
```sh {read-only}
true
```

### Two
```sh {read-only}
true
```

## Tests <!-- gonogo: test -->

### Three
```sh {read-only}
true
```

## After

```sh {test read-only}
true
```
- [ ] Go?
"""


def test_sections_and_words_make_tests() -> None:
    """A named section is tests and steps; `test` on a heading or block makes what is a test alone."""
    runbook = loads(MARKDOWN.encode(), "x.md").runbook
    assert [(step.id, step.test) for _, step in runbook.tests()] == [
        ("before/one", False),
        ("before/two", False),
        ("tests/three", True),
        ("after", True),
    ]


def test_an_included_document_has_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the top document says what looks on."""
    monkeypatch.chdir(tmp_path)
    Path("b.yaml").write_text("gonogo: 1\nmonitors: [{name: a, run: x}]\nsteps: [{confirm: Go?}]\n")
    found = yaml("", "steps: [{include: b.yaml}]\n")
    assert [one.code for one in found.problems] == ["include-head"]


LIMIT = st.one_of(st.none(), st.decimals(-999, 999, places=3).map(float))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["number", "exit", "failing", r"(\d+) of", 'it\'s: "(.*)"']),
            st.sampled_from(["max", "min", "sum", "mean"]),
            st.sampled_from(["", "ms", "req/s", "°C"]),
            st.tuples(LIMIT, LIMIT),
            st.sampled_from([1.0, 0.5e1, 90.0, 86400.0]),
        ),
        max_size=3,
    )
)
def test_both_spellings_keep_every_monitor(
    given_: list[tuple[str, str, str, tuple[float | None, float | None], float]],
) -> None:
    """What one spelling says, the other says."""
    lines = []
    for number, (value, combine, unit, limits, every) in enumerate(given_):
        lines += [
            f"  - name: m{number}",
            "    run: uptime",
            f"    combine: {combine}",
            f"    every: {every:.0f}s",
        ]
        lines.append("    value: '" + value.replace("'", "''") + "'")
        lines += [f"    unit: {unit}"] if unit else []
        bounds = sorted(one for one in limits if one is not None)
        names = ("warn-above", "alarm-above")
        lines += [f"    {name}: {bound!r}" for name, bound in zip(names, bounds, strict=False)]
    head = "monitors:\n" + "\n".join(lines) + "\n" if lines else ""
    loaded = yaml(head + "test-plan: [look]\n")
    assert told(loaded) == []
    assert all(isinstance(one, Monitor) for one in loaded.runbook.monitors)
    for spelled, ending in ((to_yaml(loaded.runbook), "yaml"), (to_markdown(loaded.runbook), "md")):
        back: Runbook = loads(spelled.text.encode(), f"x.{ending}").runbook
        assert spelled.lost == ()
        assert dict(differences(loaded.runbook, back)) == {}
