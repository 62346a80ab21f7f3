"""What a runbook is: sections, steps, inputs. Plain values; nothing here reads a file."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct, field

SPOKEN = frozenset({"openstack"})
"""Languages that an executor of the same name takes, whatever the step's own is."""


class Severity(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    WARNING = "warning"


class Kind(StrEnum):
    """What a step asks for."""

    RUN = "run"
    CONFIRM = "confirm"
    WAIT = "wait"


class Verdict(StrEnum):
    """What an exit code means (the values of an `exit` map)."""

    OK = "ok"
    WARN = "warn"
    AGAIN = "again"
    FAIL = "fail"
    STOP = "stop"


class Place(Struct, frozen=True):
    """Where something stands: 1-based line and column; line 0 is what has none, as the command line."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Problem(Struct, frozen=True):
    """One mistake: where, what, and the mend."""

    place: Place
    severity: Severity
    code: str
    """A short stable slug, e.g. `unknown-key`."""
    message: str
    mend: str = ""
    length: int = 0
    """Characters of the offending text; 0 where its end is not known."""

    def __str__(self) -> str:
        tail = f". {self.mend}" if self.mend else ""
        return f"{self.place}: {self.severity}: {self.message}{tail} [{self.code}]"


class Input(Struct, frozen=True):
    """A value asked for before the run."""

    name: str
    prompt: str = ""
    choices: tuple[str, ...] = ()
    default: str | None = None
    secret: bool = False
    place: Place | None = None
    type: str = "text"
    """`text`, `int`, `number`, `bool`, `host` (a name in the inventory) or `duration`."""
    pattern: str | None = None
    """A regular expression that the whole value must match."""
    ask: str = "start"
    """`start`: before the run; `reached`: at a gate before the first step that uses it."""


class Script(Struct, frozen=True):
    """Commands in one language, exactly as the document has them (prompts stripped)."""

    text: str
    language: str = "sh"
    place: Place | None = None
    every: float | None = None
    """Seconds between two tries of a check; with `timeout` it polls to that deadline."""
    timeout: float | None = None
    """Seconds that a check or rollback may take; None: its step's timeout."""


class Options(Struct, frozen=True):
    """How a step runs. A section's are defaults for what stands under it. Durations are seconds."""

    hosts: str | None = None
    via: str | None = None
    run_as: str | None = None
    """The `as` key: the user to become."""
    cwd: str | None = None
    env: tuple[tuple[str, str], ...] = ()
    interpreter: str | None = None
    interactive: bool = False
    batch: tuple[str, ...] = ()
    """Sizes of a ramp as written: `("1", "10", "20%")`."""
    parallel: int | None = None
    between: str = "ask"
    """`ask`, `go`, or seconds as digits."""
    max_failures: str | None = None
    timeout: float | None = None
    connect_timeout: float | None = None
    retries: int = 0
    retry_delay: float = 0.0
    exit_map: tuple[tuple[int, Verdict], ...] = ()
    expect: str | None = None
    expect_not: str | None = None
    capture: str | None = None
    capture_keys: tuple[str, ...] = ()
    """Names taken, per host, from `NAME=value` lines of stdout."""
    same_as: str | None = None
    gate: str | None = None
    """`go`, `auto`, `typed`, `approve`; None: `auto` for read-only steps, else `go`."""
    approvers: int = 1
    """Signatures that `gate=approve` waits for."""
    role: str | None = None
    """The role that approvers must have."""
    read_only: bool = False
    outage_begin: str | None = None
    outage_end: str | None = None
    on_failure: str = "ask"
    no_output: bool = False
    until: bool = False
    """Repeat a read-only command every `every` seconds until it succeeds or `timeout` has passed."""
    every: float | None = None
    when: str | None = None
    """A condition (`gonogo.format.condition`) over inputs and captures, weighed for each host."""
    wait: float | None = None
    at: str | None = None
    """A wall-clock time before which it does not start: `22:30` or `2026-11-21T22:30+01:00`."""
    order: str = "inventory"
    """`inventory`, `reverse_inventory`, `sorted`, `reverse_sorted` or `shuffle`."""
    no_rollback: str | None = None
    """Why there is no rollback."""
    tags: tuple[str, ...] = ()


class Step(Struct, frozen=True):
    """One line of the checklist."""

    id: str
    title: str
    kind: Kind
    place: Place
    options: Options = field(default_factory=Options)
    script: Script | None = None
    check: Script | None = None
    rollback: Script | None = None
    prose: str = ""
    """The document's text before the step, as Markdown source."""
    test: bool = False
    """It is for the test plan alone: it runs in rounds of tests, never in the document's order."""


class Section(Struct, frozen=True):
    """A heading or list item with steps under it. `rolling` set: all its steps roll together."""

    id: str
    title: str
    place: Place
    children: tuple[Section | Step, ...] = ()
    rolling: Options | None = None
    """The options with the `batch` that its steps share, when it rolls."""


class Limits(Struct, frozen=True):
    """Where a monitor's number begins to be a warning or an alarm; None: nowhere."""

    warn_above: float | None = None
    warn_below: float | None = None
    alarm_above: float | None = None
    alarm_below: float | None = None


class Monitor(Struct, frozen=True):
    """A read-only command that runs every so often during the whole run, for one number."""

    step: Step
    """What it runs and where: its id and title are the monitor's name; `every` and `timeout` are set."""
    value: str = "number"
    """`number` (the first on the last line of stdout that is not empty), `exit` (the exit code), `failing`
    (how many hosts do not end 0), or a regular expression with one group around the number."""
    combine: str = "max"
    """How the hosts' numbers become one: `max`, `min`, `sum` or `mean`."""
    unit: str = ""
    limits: Limits = field(default_factory=Limits)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.step.id


class Named(Struct, frozen=True):
    """The id of a step or section, and where it is named."""

    id: str
    place: Place


class NotRun(Struct, frozen=True):
    """A code block that is no step, and why."""

    line: int
    language: str
    reason: str
    file: str = ""
    """The included document that it stands in; empty: the runbook itself."""


class Head(Struct, frozen=True):
    """What a document says before its steps."""

    title: str = ""
    ours: bool = False
    """The document says `gonogo: 1`; any other opens too, but never runs unattended."""
    inventory: str | None = None
    """As written; relative to the document's folder."""
    inputs: tuple[Input, ...] = ()
    services: tuple[str, ...] = ()
    blast_radius: int | None = None
    """A changing step on more hosts than this asks for their number."""
    allowed_signers: str | None = None
    """OpenSSH's file of who may sign and approve, as written; relative to the document's folder."""
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Role -> principals of `allowed_signers` that have it."""
    monitors: tuple[Monitor, ...] = ()
    test_plan: tuple[Named, ...] = ()
    """Steps and sections that are tests besides the steps with `test`."""


class Runbook(Head, frozen=True, kw_only=True):
    """A whole document: its head, and what stands under it."""

    path: str
    children: tuple[Section | Step, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    sources: tuple[tuple[str, bytes], ...] = ()
    """(path, exact bytes) of the document and its includes."""

    def steps(self) -> Iterator[tuple[tuple[Section, ...], Step]]:
        """Yield every step in document order with the sections above it."""
        yield from _walk((), self.children)

    def commands(self) -> Iterator[tuple[tuple[Section, ...], Step]]:
        """Yield everything that may run: every step, then the monitors."""
        yield from self.steps()
        yield from (((), monitor.step) for monitor in self.monitors)

    def tests(self) -> Iterator[tuple[tuple[Section, ...], Step]]:
        """Yield the steps of the test plan, in document order."""
        named = {one.id for one in self.test_plan}
        for above, step in self.steps():
            if step.test or step.id in named or any(section.id in named for section in above):
                yield above, step


def _walk(
    above: tuple[Section, ...], children: tuple[Section | Step, ...]
) -> Iterator[tuple[tuple[Section, ...], Step]]:
    for child in children:
        if isinstance(child, Step):
            yield above, child
        else:
            yield from _walk((*above, child), child.children)
