"""The commands of a shell block: prompts come off, and in a session the sample output falls away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

SESSIONS = frozenset({"console", "shell-session"})
"""Languages of a terminal session: prompts, commands and their output."""
SHELLS = frozenset({"sh", "bash", "zsh", "shell"}) | SESSIONS
ALIASES = {"bash-session": "console", "sh-session": "console", "shellsession": "console"}
_PROMPT = re.compile(
    r"(?P<indent>\s*)"
    r"(?:\([\w.:-]{1,64}\) ?)?"  # (venv)
    r"(?:\[[\w.-]{1,64}@[\w.-]{1,64}[ :][^\]\s]{1,256}\] ?|[\w.-]{1,64}@[\w.-]{1,64}[: ][^\s$#%]{0,256} ?)?"
    r"(?P<mark>[$#])(?:[ \t]+(?P<command>.*)|$)"
)
_OTHER_PROMPT = re.compile(r"\s*(?:>>>|[A-Za-z][\w-]{0,64}(?: ?\[[^\]]{0,64}\])?[=-]?>)(?:\s|$)")
_CONFIGURATION = re.compile(r"^\s*(?:\[[^\]]*\]|[\w.:/-]+\s*[=:]\s.*|[\w.-]+=\S*)\s*$", re.MULTILINE)
_HEREDOC = re.compile(r"(?<!<)<<(?P<dash>-?)\s*\\?(?P<quote>['\"]?)(?P<word>[A-Za-z_]\w*)(?P=quote)")
_GOES_ON = ("\\", "|", "&&")


def is_session(text: str) -> bool:
    """Tell whether a block without a language begins with a prompt; `# ` may begin a configuration too."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    match = _PROMPT.match(first)
    return match is not None and (match["mark"] == "$" or not _CONFIGURATION.search(text))


def other_prompt(text: str, language: str) -> str:
    """Return the prompt of another program (`mysql>`, `>>>`) that a session begins with, or nothing."""
    if language not in SESSIONS:
        return ""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    match = _OTHER_PROMPT.match(first)
    return match.group().strip() if match and not any(_PROMPT.match(line) for line in lines) else ""


def mixed(text: str) -> bool:
    """Tell whether both users' and root's prompts stand in a session."""
    return len({match["mark"] for line in text.split("\n") if (match := _PROMPT.match(line))}) > 1


def commands(text: str, language: str) -> str:
    """Return a block's commands. A session without any prompt is commands as a whole."""
    lines = text.rstrip("\n").split("\n")
    if language in SESSIONS and any(_PROMPT.match(line) for line in lines):
        return "\n".join(_session(lines))
    if language in SHELLS:
        lines = list(_undollared(lines))
    return "\n".join(lines)


def _session(lines: Sequence[str]) -> Iterator[str]:
    at, near, goes_on, indent = 0, False, False, ""
    while at < len(lines):
        line = lines[at]
        at += 1
        if match := _PROMPT.match(line):
            indent, command = match["indent"], match["command"] or ""
        elif goes_on or (near and _second(line)):
            command = re.sub(r"^\s*> ?", "", line)
        else:
            near = False
            continue
        yield command
        near, goes_on = True, command.rstrip().endswith(_GOES_ON)
        for word, dash in _heredocs(command):
            body, at = _body(lines, at, word, dash, indent)
            yield from body


def _second(line: str) -> bool:
    """Tell whether a line begins with the prompt of a command that goes on."""
    return re.match(r"\s*>(?: |$)", line) is not None


def _undollared(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        command = re.sub(r"^(\s*)\$ ", r"\1", lines[at])
        at += 1
        yield command
        for word, dash in _heredocs(command):
            end = _end(lines, at, word, dash, "")
            yield from lines[at:end]
            at = end


def _heredocs(command: str) -> list[tuple[str, bool]]:
    return [(match["word"], bool(match["dash"])) for match in _HEREDOC.finditer(command)]


def _body(lines: Sequence[str], at: int, word: str, dash: bool, indent: str) -> tuple[list[str], int]:
    """Return the text of a here-document and the line after it; nothing when it has no end."""
    end = _end(lines, at, word, dash, indent)
    if end > at:
        return [line.removeprefix(indent) for line in lines[at:end]], end
    quoted = [re.sub(r"^\s*> ?", "", line) for line in lines[at:] if _second(line)]
    end = _end(quoted, 0, word, dash, "")
    if end and all(_second(line) for line in lines[at : at + end]):
        return quoted[:end], at + end
    return [], at


def _end(lines: Sequence[str], at: int, word: str, dash: bool, indent: str) -> int:
    """Return the line after the one that ends a here-document, or `at` when none does."""
    for number in range(at, len(lines)):
        line = lines[number].removeprefix(indent)
        if (line.lstrip("\t") if dash else line) == word:
            return number + 1
    return at
