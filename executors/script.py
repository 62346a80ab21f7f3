"""How a script travels: one constant command line, everything else on standard input.

Neither the script nor a value is ever in an argument list, so `ps` shows nothing on either machine.
Standard input carries a header line, the script, and then nothing until it closes or a line comes. The
header is `gonogo lines <n>`, or `gonogo bytes <n>` for a script that the shell's own `read` could misread or
would be slow with; a closing word follows that one. A line means that the command is to be ended. The mere
end of the input means nothing, so that a dropped connection does not kill a package update halfway. A script
that did not arrive whole is not run at all.
"""

from __future__ import annotations

import posixpath
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
GRACE = KILL_AFTER + 2.0
"""Seconds within which the end of an ended command is awaited."""
SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh"})
_INTERPRETERS = {
    "shell": "sh",
    "console": "sh",
    "shell-session": "sh",
    "python": "python3 -",
    "powershell": "pwsh -NoProfile -Command -",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}\Z")
_INTERPRETER = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./+=:,@ -]{0,199}\Z")
_END = "gonogo"
_READABLE = re.compile(r"[\t\n -~]{0,2000}\Z")
"""What `read` is used for: a system call a character, and old ones of dash mistake some of UTF-8's bytes.

Starting `head` takes 1.1 ms.
"""

# One line without a quote, backslash or exclamation mark inside, so that sh, csh and fish read it alike.
# Lines before the header are skipped: a password that sudo did not ask for is one. ${IFS#??} is a newline.
# The closing word tells a whole script from a cut one, and keeps trailing newlines through $(). The watcher
# is started by a subshell (the ulimit has ksh make a real one), or a script's own `wait` would wait for it
# too; it keeps no output open, and outlives the TERM that it sends to its own process group.
_BOOTSTRAP = (
    'while read -r word form size; do test "x$word" = xgonogo && break; done; script=; case "$form" in '
    'lines) while test "$size" -gt 0; do IFS= read -r word || exit 125; '
    "script=$script$word${IFS#??}; size=$((size-1)); done;; "
    'bytes) script=$(head -c "$size"); test "x${script%gonogo}" = "x$script" && exit 125;; '
    "*) exit 125;; esac; exec 3<&0 </dev/null; "
    "( ulimit -c 0; (trap : TERM; read -r word <&3 && kill -TERM 0; "
    f'test -n "$word" && sleep {KILL_AFTER} && kill -KILL 0) >/dev/null 2>&1 & ); '
    'exec 3<&-; set -e; eval "${script%gonogo}"'
)

FILE = "gonogo"
"""How the names of files begin that hold a script for a terminal."""
# In a terminal the standard input is the operator's, so the script comes from a file. It is opened and
# removed before anything runs, as the user who logged in: another user could do neither.
_OPEN = 'exec <"$1" || exit 126; rm -f -- "$1"; shift; exec "$@"'
_READ = 'script=$(cat); exec </dev/tty; set -e; eval "$script"'
_IN_FILE = """_gonogo_file=$(mktemp "${{TMPDIR:-/tmp}}/gonogo.XXXXXXXXXX")
printf %s {script} >"$_gonogo_file"
_gonogo_code=0
{program} "$_gonogo_file" || _gonogo_code=$?
rm -f -- "$_gonogo_file"
exit $_gonogo_code"""


def command_line(job: Job) -> str:
    """Return the constant command line; raise ExecutorError for a user or interpreter that can't be."""
    interpreter = _interpreter(job)
    line = f"exec {interpreter if _is_shell(interpreter) else 'sh'} -c '{_BOOTSTRAP}'"
    if job.run_as is None:
        return line
    ask = "-n" if job.become_password is None else '-S -p ""'
    return line.replace("exec ", f"exec sudo {ask} -u {_user(job.run_as)} -- ", 1)


def standard_input(job: Job, values: Mapping[str, str]) -> bytes:
    """Return how standard input begins; raise ExecutorError for a value that can't travel."""
    script = job.script if job.script.endswith("\n") else job.script + "\n"
    interpreter = _interpreter(job)
    if not _is_shell(interpreter):
        # printf is built in, so the text is in no argument list; the interpreter reads it to its end first.
        script = f"printf %s {shlex.quote(script)} | {interpreter}\n"
    whole = _prologue(job, values) + script
    # zsh's IFS holds a fourth character.
    if _READABLE.match(whole) and posixpath.basename(interpreter.split()[0]) != "zsh":
        return _password(job) + b"gonogo lines %d\n" % whole.count("\n") + whole.encode()
    data = _encoded(whole + _END)
    return _password(job) + b"gonogo bytes %d\n" % len(data) + data


def terminal_words(job: Job, file: str) -> tuple[str, ...]:
    """Return the words that run, in a terminal, the script in a file of that machine, which they remove."""
    interpreter = _interpreter(job)
    shell = interpreter.split() if _is_shell(interpreter) else ["sh"]
    become = ["sudo", "-u", _user(job.run_as), "--"] if job.run_as is not None else []
    return ("sh", "-c", _OPEN, "gonogo", file, *become, *shell, "-c", _READ)


def terminal_script(job: Job, values: Mapping[str, str]) -> str:
    """Return what the file holds; raise ExecutorError for a value that can't travel."""
    interpreter = _interpreter(job)
    script = job.script
    if not _is_shell(interpreter):
        program = interpreter.removesuffix(" -")
        script = _IN_FILE.format(script=shlex.quote(script), program=program)
    script = _prologue(job, values) + script + "\n"
    _encoded(script)
    return script


def keep_script(script: str) -> str:
    """Return the script that keeps another one in a file of its host, and prints the file's name."""
    return (
        f'umask 077\nfile=$(mktemp "${{TMPDIR:-/tmp}}/{FILE}.XXXXXXXXXX")\n'
        f'printf %s {shlex.quote(script)} >"$file"\nprintf "%s\\n" "$file"\n'
    )


def _interpreter(job: Job) -> str:
    interpreter = _INTERPRETERS.get(job.language, job.language)
    if not _INTERPRETER.fullmatch(interpreter):
        raise ExecutorError(f"{clean_line(interpreter)!r} is no interpreter", "Name a program.")
    return interpreter


def _user(name: str) -> str:
    if not _USER.fullmatch(name):
        raise ExecutorError(f"{clean_line(name)!r} is no user name", "Mend `as=`.")
    return name


def _encoded(script: str) -> bytes:
    if "\0" in script:
        raise ExecutorError("the script or a value holds a NUL character", "Take it out.")
    try:
        return script.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ExecutorError("the script or a value holds half a character", "Take it out.") from None


def _is_shell(interpreter: str) -> bool:
    """Say whether it takes the bootstrap itself, with its options (`bash -u`)."""
    program, *options = interpreter.split()
    return posixpath.basename(program) in SHELLS and not {"-", "--", "-s", "-c"} & set(options)


def _password(job: Job) -> bytes:
    if job.run_as is None or job.become_password is None:
        return b""
    if "\n" in job.become_password or "\0" in job.become_password:
        raise ExecutorError("the password for sudo holds a line break or a NUL character", "Type it again.")
    return job.become_password.encode("utf-8", "surrogateescape") + b"\n"


def _prologue(job: Job, values: Mapping[str, str]) -> str:
    lines = []
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            raise ExecutorError(f"{clean_line(name)!r} is no name of a variable", "Rename it.")
        lines.append(f"export {name}={shlex.quote(value)}\n")
    if job.cwd is not None:
        lines.append(f"cd -- {shlex.quote(job.cwd)} || exit 127\n")
    return "".join(lines)
