"""Names: what a command looks at must be given, what is given must be looked at."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from gonogo.text import clean_line

from ..condition import names, parse
from ..model import Input, Place, Runbook, Severity, Step
from ..problems import Problems
from .whole import Block, Whole

# What a login shell, sudo or sshd sets.
_ENVIRONMENT = frozenset(
    re.findall(
        r"\w+",
        "HOME USER LOGNAME PATH PWD OLDPWD SHELL HOSTNAME LANG LANGUAGE TERM TMPDIR UID EUID GID PPID "
        "RANDOM SECONDS LINENO IFS OSTYPE HOSTTYPE MACHTYPE REPLY PIPESTATUS FUNCNAME OPTARG OPTIND "
        "OPTERR COLUMNS LINES SHLVL SHELLOPTS BASHOPTS DIRSTACK GROUPS EPOCHSECONDS EPOCHREALTIME "
        "SRANDOM MAPFILE COPROC PS1 PS4 EDITOR VISUAL PAGER DISPLAY MAIL TZ BASH ZSH_VERSION "
        "KSH_VERSION NOTIFY_SOCKET INVOCATION_ID",
    )
)
_ENVIRONMENTS = ("ansible_", "BASH_", "LC_", "OS_", "SSH_", "SUDO_", "XDG_", "COMP_", "GONOGO_")
# A value under such a name changes which programs run or what they load, or the shell refuses it.
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        "PATH IFS ENV CDPATH SHELL SHELLOPTS BASHOPTS BASHPID PS4 PROMPT_COMMAND UID EUID PPID "
        "GLOBIGNORE FUNCNAME PERL5LIB PERL5OPT PERL5DB RUBYLIB RUBYOPT NODE_OPTIONS NODE_PATH "
        "JAVA_TOOL_OPTIONS CLASSPATH GCONV_PATH HOSTALIASES LOCALDOMAIN GIT_SSH GIT_SSH_COMMAND "
        "GIT_EXEC_PATH HOME USER LOGNAME PWD OLDPWD TMPDIR",
    )
)
_RESERVED_FAMILIES = ("BASH_", "LD_", "DYLD_", "PYTHON", "SUDO_", "GONOGO_", "ansible_")
_GIVE = "Make it an input, capture it, set it in the block, or give it a default: ${name:-…}."
_DOLLAR = re.compile(r"\$\{?[#!]?([A-Za-z_]\w*)")
_QUOTED = re.compile(r"""["']([A-Za-z_]\w*)["']|\bprintenv\s+([A-Za-z_]\w*)|\$env:(\w+)""")


def check_variables(whole: Whole) -> None:
    """Report names that nothing sets, that nothing uses, and that must not be set."""
    _reserved(whole)
    _conditions(whole)
    if whole.runbook.ours:
        _undefined(whole, frozenset())
        _unused(whole)


def undefined(runbook: Runbook, host_variables: frozenset[str]) -> list[tuple[Place, str]]:
    """Return where a command uses a name that neither the runbook nor any host of the inventory sets."""
    problems = Problems()
    _undefined(Whole(runbook, problems), host_variables)
    return [(problem.place, problem.message) for problem in problems.found]


def _undefined(whole: Whole, host_variables: frozenset[str]) -> None:
    known = {one.name for one in whole.runbook.inputs} | host_variables
    gone: dict[str, int] = {}
    for (_, step), blocks in zip(whole.steps, whole.blocks, strict=True):
        mine = {name for name, _ in step.options.env}
        for block in blocks:
            _undefined_in(whole, block, known, mine, gone)
            mine.update(_captured(step))
        known.update(_captured(step))
        gone.update((name, step.place.line) for block in blocks for name in _left(block))
    given = {one.name for one in whole.runbook.inputs} | host_variables
    for (block,) in whole.watching:
        _undefined_in(whole, block, given, {name for name, _ in block.step.options.env}, {})


def _undefined_in(
    whole: Whole, block: Block, known: Container[str], mine: set[str], gone: Mapping[str, int]
) -> None:
    """Report each name once a step. What this block sets is added to `mine`, for the step's further ones."""
    if block.shell is None:
        return
    for use in block.shell.uses:
        if use.name in known or use.name in mine or use.guarded or _from_outside(use.name):
            continue
        if block.shell.sets_before(use):
            continue
        mine.add(use.name)
        message, mend = f"${use.name} is set nowhere before this", _GIVE
        if use.name in gone:
            message = (
                f"${use.name} is set by the step in line {gone[use.name]}, and ended with that step's shell"
            )
            mend = "Print it there and capture it, or set it here too."
        whole.in_block(block, use.start, use.length, Severity.WARNING, "undefined-variable", message, mend)
    mine.update(_left(block))


def _left(block: Block) -> Iterator[str]:
    """Name what is still set at a block's end."""
    if block.shell is not None:
        yield from (name for name, _, end in block.shell.sets if end > len(block.script.text))


def _from_outside(name: str) -> bool:
    return name in _ENVIRONMENT or name.startswith(_ENVIRONMENTS)


def _captured(step: Step) -> Iterator[str]:
    if step.options.capture:
        yield step.options.capture
    yield from step.options.capture_keys


def _unused(whole: Whole) -> None:
    used: set[str] = set()
    for (_, step), blocks in zip(whole.steps, whole.blocks, strict=True):
        used.update(_mentioned(step, blocks))
    for watching in whole.watching:
        used.update(_mentioned(watching[0].step, watching))
    for one in whole.runbook.inputs:
        if one.name not in used and one.place is not None:
            message, mend = f"the input {one.name} is asked for and never used", "Use it, or take it out."
            place = _name_of(whole, one)
            whole.problems.warn(place, "unused-input", message, mend, len(one.name))
    told: set[str] = set()
    for at in whole.steps:
        for name in _captured(at[1]):
            if name not in used and name not in told:
                told.add(name)
                key = "capture" if name == at[1].options.capture else "capture-keys"
                message, mend = f"the capture {name} is never used", f"Use it, or take {key}= out."
                whole.at_key(at, key, Severity.WARNING, "unused-capture", message, mend)


def _mentioned(step: Step, blocks: tuple[Block, ...]) -> Iterator[str]:
    """Name what a step looks at; in quotes too, for another program may expand it."""
    options = step.options
    texts = [options.hosts, options.cwd, options.run_as, *(value for _, value in options.env)]
    for text in [*filter(None, texts), *(block.script.text for block in blocks)]:
        yield from _DOLLAR.findall(text)
    for block in blocks:
        for found in _QUOTED.findall(block.script.text):
            yield from filter(None, found)
        if block.shell is not None:
            yield from (use.name for use in block.shell.uses)
        else:
            yield from re.findall(r"\w+", block.script.text)
    if options.same_as:
        yield options.same_as
    if options.when:
        yield from names(parse(options.when))


def _conditions(whole: Whole) -> None:
    """A name that has no value is empty text: a misspelt one would leave steps out in silence."""
    inputs = {one.name: one for one in whole.runbook.inputs}
    known = set(inputs)
    for at in whole.steps:
        options = at[1].options
        if options.when:
            for name in sorted(set(names(parse(options.when))) - known):
                message = f"when={clean_line(options.when)}: no input or earlier capture is named {name}"
                mend = "Check its spelling, or capture it in a step before this one."
                whole.at_key(at, "when", Severity.ERROR, "unknown-value", message, mend)
        known.update(_captured(at[1]))
    for at in whole.runbook.commands():
        for name in _DOLLAR.findall(at[1].options.hosts or ""):
            if name not in inputs or inputs[name].secret:
                what = "is a secret" if name in inputs else "is no input"
                message, mend = f"hosts may name inputs only, and ${name} {what}", "Make it an input."
                whole.at_key(at, "hosts", Severity.ERROR, "hosts-value", message, mend)


def _reserved(whole: Whole) -> None:
    mend = "Choose another name, in lower case."
    for one in whole.runbook.inputs:
        if one.place is not None and _is_reserved(one.name):
            message = _why_reserved("an input", one.name)
            whole.problems.error(_name_of(whole, one), "reserved-name", message, mend, len(one.name))
    for at in whole.steps:
        for name in filter(_is_reserved, _captured(at[1])):
            key = "capture" if name == at[1].options.capture else "capture-keys"
            message = _why_reserved("a capture", name)
            whole.at_key(at, key, Severity.ERROR, "reserved-name", message, mend)


def _is_reserved(name: str) -> bool:
    return name in _RESERVED or name.startswith(_RESERVED_FAMILIES)


def _why_reserved(what: str, name: str) -> str:
    return f"{what} must not be named {name}: it would change how commands run"


def _name_of(whole: Whole, one: Input) -> Place:
    assert one.place is not None
    at = whole.source.line(one.place).find(one.name, one.place.column - 1)
    return Place(one.place.file, one.place.line, at + 1) if at >= 0 else one.place
