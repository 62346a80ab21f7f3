"""How a script travels: one constant command line, everything else on standard input.

Neither the script nor a value is ever in an argument list, so `ps` shows nothing on either machine.
Standard input carries a header line `gonogo <bytes>`, the script, and then nothing until it closes or a
line comes. A line means that the command is to be ended. The mere end of the input means nothing, so that
a dropped connection does not kill a package update halfway.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from gonogo.errors import ExecutorError
from gonogo.run.ports import Job
from gonogo.text import clean_line

CANCEL = b"end\n"
"""What is sent to end a command with all its processes."""
KILL_AFTER = 3
"""Seconds between TERM and KILL on the host."""
SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh"})
_INTERPRETERS = {
    "shell": "sh",
    "console": "sh",
    "shell-session": "sh",
    "python": "python3 -",
    "powershell": "pwsh -NoProfile -Command -",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}\Z")
_INTERPRETER = re.compile(r"[A-Za-z0-9_./+= -]{1,200}\Z")

# One line without a quote, backslash or exclamation mark inside, so that sh, csh and fish read it alike.
# Lines before the header are skipped: a password that sudo did not ask for is one. The watcher keeps no
# output open, and outlives the TERM that it sends to its own process group. The x keeps trailing newlines.
_BOOTSTRAP = (
    "while read -r word size; do test x$word = xgonogo && break; done; "
    "script=$(head -c $size; echo x); script=${script%x}; exec 3<&0 </dev/null; "
    "(trap : TERM; read -r word <&3 && kill -TERM 0; "
    'test -n "$word" && sleep KILL_AFTER && kill -KILL 0) >/dev/null 2>&1 & '
    'exec 3<&-; set -e; eval "$script"'
).replace("KILL_AFTER", str(KILL_AFTER))


def command_line(job: Job) -> str:
    """Return a job's constant command line; raise ExecutorError for a bad user or interpreter."""
    interpreter = _INTERPRETERS.get(job.language, job.language)
    if not _INTERPRETER.fullmatch(interpreter):
        raise ExecutorError(
            f"{clean_line(interpreter)!r} is no interpreter", "Name a program and its options."
        )
    shell = interpreter if interpreter in SHELLS else "sh"
    line = f"exec {shell} -c '{_BOOTSTRAP}'"
    if job.run_as is None:
        return line
    if not _USER.fullmatch(job.run_as):
        raise ExecutorError(f"{clean_line(job.run_as)!r} is no user name", "Mend `as=`.")
    ask = "-n" if job.become_password is None else '-S -p ""'
    return line.replace("exec ", f"exec sudo {ask} -u {job.run_as} -- ", 1)


def standard_input(job: Job, values: Mapping[str, str]) -> bytes:
    """Return what standard input begins with; raise ExecutorError for a value that can't travel."""
    script = job.script if job.script.endswith("\n") else job.script + "\n"
    interpreter = _INTERPRETERS.get(job.language, job.language)
    if interpreter not in SHELLS:
        # printf is built in, so the text is in no argument list; the interpreter reads it to its end first.
        script = f"printf %s {shlex.quote(script)} | {interpreter}\n"
    script = _prologue(job, values) + script
    if "\0" in script:
        raise ExecutorError("the script or one of its values holds a NUL character", "Take it out.")
    data = script.encode()
    password = f"{job.become_password}\n".encode() if job.run_as and job.become_password else b""
    return password + b"gonogo %d\n" % len(data) + data


def _prologue(job: Job, values: Mapping[str, str]) -> str:
    lines = []
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            raise ExecutorError(f"{clean_line(name)!r} is no name of a variable", "Rename it.")
        lines.append(f"export {name}={shlex.quote(value)}\n")
    if job.cwd is not None:
        lines.append(f"cd -- {shlex.quote(job.cwd)} || exit 127\n")
    return "".join(lines)
