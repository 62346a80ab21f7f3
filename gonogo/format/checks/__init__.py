"""Mistakes that show only in the whole: undefined variables, captures nobody made, outages without an end."""

from __future__ import annotations

import re
import shutil
import subprocess

from gonogo.text import clean_line

from ..model import Kind, Place, Problem, Runbook, Script, Section, Step
from ..problems import Problems

_SHELLS = frozenset({"sh", "bash", "zsh", "shell", "console", "shell-session"})
_USED = re.compile(r"(?<!\\)\$(?:\{(?!#?[A-Za-z_]\w*[:-])#?([A-Za-z_]\w*)|([A-Za-z_]\w*))")
_SET = re.compile(
    r"(?:^|[\s;&|(])(?:export\s+|local\s+|readonly\s+|declare\s+(?:-\w+\s+)*)?([A-Za-z_]\w*)\+?="
)
_SET_OTHERWISE = re.compile(
    r"\b(?:for|select)\s+([A-Za-z_]\w*)\b|\bread\s+(?:-\w+\s+)*((?:[A-Za-z_]\w*\s*)+)"
)
_SINGLE = re.compile(r"'[^']*'")
_COMMENT = re.compile(r"(?:^|\s)#.*$", re.MULTILINE)
# What a login shell or sudo sets.
_ENVIRONMENT = frozenset(
    re.findall(
        r"\w+",
        "HOME USER LOGNAME PATH PWD OLDPWD SHELL HOSTNAME LANG TERM TMPDIR UID EUID PPID RANDOM SECONDS "
        "LINENO IFS BASH BASH_VERSION OSTYPE HOSTTYPE MACHTYPE REPLY PIPESTATUS FUNCNAME OPTARG OPTIND "
        "SUDO_USER SSH_CONNECTION SSH_CLIENT EDITOR PAGER DISPLAY MAIL XDG_RUNTIME_DIR XDG_STATE_HOME",
    )
)


def check(runbook: Runbook) -> tuple[Problem, ...]:
    """Return what is wrong with a runbook as a whole. Hosts are not looked at here."""
    problems = Problems()
    if runbook.ours:
        _variables(runbook, problems)
    _captures(runbook, problems)
    _outages(runbook, problems)
    _rolling(runbook.children, problems)
    _syntax(runbook, problems)
    return tuple(problems.found)


def _scripts(step: Step) -> list[Script]:
    return [script for script in (step.script, step.check, step.rollback) if script is not None]


def _variables(runbook: Runbook, problems: Problems) -> None:
    known = {one.name for one in runbook.inputs} | _ENVIRONMENT
    used: set[str] = set()
    for _, step in runbook.steps():
        mine = known | {name for name, _ in step.options.env}
        for script in _scripts(step):
            if script.language not in _SHELLS:
                used.update(word for word in re.findall(r"\w+", script.text))
                continue
            mine |= _set_in(script.text)
            used |= _report_unset(script, mine, problems)
        used.update(re.findall(r"\$\{?([A-Za-z_]\w*)", step.options.hosts or ""))
        if step.options.capture:
            known = known | {step.options.capture}
    for one in runbook.inputs:
        if one.name not in used and one.place is not None:
            message = f"the input {one.name} is asked for and never used"
            problems.warn(one.place, "unused-input", message, "Take it out.")


def _set_in(text: str) -> set[str]:
    found = set(_SET.findall(text))
    for loop, read in _SET_OTHERWISE.findall(text):
        found.update([loop, *read.split()])
    return found


def _report_unset(script: Script, known: set[str], problems: Problems) -> set[str]:
    text = _SINGLE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), script.text)
    text = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    used: set[str] = set()
    for match in _USED.finditer(text):
        name = match[1] or match[2]
        used.add(name)
        if name in known or name.startswith(("ansible_", "OS_", "LC_")):
            continue
        known = known | {name}
        line = (script.place.line if script.place else 0) + text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        file = script.place.file if script.place else ""
        message = f"${name} is set nowhere in this runbook"
        mend = "Make it an input, capture it, or set it in the block; host variables are not known here."
        problems.warn(Place(file, line, column), "undefined-variable", message, mend)
    return used


def _captures(runbook: Runbook, problems: Problems) -> None:
    made: dict[str, Step] = {}
    text = ""
    for _, step in runbook.steps():
        wanted = step.options.same_as
        if wanted is not None and wanted not in made:
            message = f"same-as={clean_line(wanted)}: no step before this one captures it"
            problems.error(step.place, "no-capture", message, "Add capture= to an earlier step.")
        text += "".join(f"{script.text}\n" for script in _scripts(step)) + f"same-as {wanted}\n"
        if step.options.capture:
            made.setdefault(step.options.capture, step)
    for name, step in made.items():
        if not re.search(rf"\b{re.escape(name)}\b", text):
            problems.warn(step.place, "unused-capture", f"the capture {name} is never used", "Take it out.")


def _outages(runbook: Runbook, problems: Problems) -> None:
    begun: dict[str, Step] = {}
    for _, step in runbook.steps():
        if step.options.outage_begin:
            begun[step.options.outage_begin] = step
        if step.options.outage_end and begun.pop(step.options.outage_end, None) is None:
            message = (
                f"the outage of {clean_line(step.options.outage_end)} ends here and begins nowhere before"
            )
            problems.error(step.place, "outage", message, "Add outage-begin= to the step that stops it.")
    for service, step in begun.items():
        message = f"the outage of {clean_line(service)} begins here and never ends"
        problems.error(step.place, "outage", message, "Add outage-end= to the step that brings it back.")


def _rolling(children: tuple[Section | Step, ...], problems: Problems) -> None:
    for child in children:
        if isinstance(child, Step):
            continue
        steps = list(Runbook("", "", True, child.children).steps())
        if child.rolling and not any(step.check for _, step in steps):
            message = f"{clean_line(child.title)!r} rolls over its hosts without a check"
            problems.warn(child.place, "no-check", message, "Add a block {check} to one of its steps.")
        _rolling(child.children, problems)


def _syntax(runbook: Runbook, problems: Problems) -> None:
    """Have bash read every script without running it: all at once when all are right, else one by one."""
    bash = shutil.which("bash")
    scripts = [
        script
        for _, step in runbook.steps()
        if step.kind is Kind.RUN
        for script in _scripts(step)
        if script.language in _SHELLS - {"zsh"}
    ]
    if (
        bash is None
        or not scripts
        or _bash_accepts(bash, "\n".join(f"(\n{s.text}\n)" for s in scripts)) is None
    ):
        return
    for script in scripts:
        said = _bash_accepts(bash, script.text)
        if said is not None and script.place is not None:
            line, message = said
            place = Place(script.place.file, script.place.line + line)
            report = problems.error if runbook.ours else problems.warn
            report(place, "shell-syntax", f"bash cannot read this: {message}")


def _bash_accepts(bash: str, text: str) -> tuple[int, str] | None:
    """Return None, or the line and what bash says about it."""
    environment = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [bash, "--norc", "--noprofile", "-n"],
        input=text.encode(),
        env=environment,
        capture_output=True,
        timeout=20,
        check=False,
    )
    if done.returncode == 0:
        return None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    match = re.match(r".*?line (\d+): (.*)", said[0]) if said else None
    return (int(match[1]), clean_line(match[2])) if match else (1, "syntax error")
