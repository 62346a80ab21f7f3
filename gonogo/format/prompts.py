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
    texts = _Texts(lines)
    while at < len(lines):
        line = lines[at]
        at += 1
        if match := _PROMPT.match(line):
            indent, command = match["indent"], match["command"] or ""
        elif goes_on or (near and _second(line)):
            command = _unquoted(line)
        else:
            near = False
            continue
        yield command
        near, goes_on = True, command.rstrip().endswith(_GOES_ON)
        for word, dash in _heredocs(command):
            if (end := texts.end(at, word, dash, indent)) > at:
                yield from (line.removeprefix(indent) for line in lines[at:end])
            elif (end := texts.quoted_end(at, word, dash)) > at:
                yield from map(_unquoted, lines[at:end])
            at = end


def _second(line: str) -> bool:
    """Tell whether a line begins with the prompt of a command that goes on."""
    return re.match(r"\s*>(?: |$)", line) is not None


def _unquoted(line: str) -> str:
    return re.sub(r"^\s*> ?", "", line)


def _undollared(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    texts = _Texts(lines)
    while at < len(lines):
        command = re.sub(r"^(\s*)\$ ", r"\1", lines[at])
        at += 1
        yield command
        for word, dash in _heredocs(command):
            end = texts.end(at, word, dash, "")
            yield from lines[at:end]
            at = end


def _heredocs(command: str) -> list[tuple[str, bool]]:
    return [(match["word"], bool(match["dash"])) for match in _HEREDOC.finditer(command)]


class _Texts:
    """Finds where here-documents end. A word that is not found is not looked for again."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._missing: dict[tuple[str, bool, str | None], int] = {}
        """Before which line there is no such end."""

    def end(self, at: int, word: str, dash: bool, indent: str) -> int:
        """Return the line after the one that ends it, or `at` when none does."""
        key = (word, dash, indent)
        if at >= self._missing.get(key, 0):
            for number in range(at, len(self._lines)):
                if _ends(self._lines[number].removeprefix(indent), word, dash):
                    return number + 1
            self._missing[key] = len(self._lines)
        return at

    def quoted_end(self, at: int, word: str, dash: bool) -> int:
        """Return the same for a text whose every line has the prompt of a command that goes on."""
        key = (word, dash, None)
        if at >= self._missing.get(key, 0):
            number = at
            while number < len(self._lines) and _second(self._lines[number]):
                if _ends(_unquoted(self._lines[number]), word, dash):
                    return number + 1
                number += 1
            self._missing[key] = number
        return at


def _ends(line: str, word: str, dash: bool) -> bool:
    return (line.lstrip("\t") if dash else line) == word
