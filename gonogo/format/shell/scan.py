"""Reading shell without running it: which variables a script uses and sets, which commands it calls.

A scanner for what sh, bash, ksh and zsh have in common. It never fails: what is malformed is read as far as
it goes (`whole` says whether it closed), for bash itself is asked about the syntax.
"""

from __future__ import annotations

import re

from msgspec import Struct

from .model import Command, Mark, Shell, Word
from .sets import declared
from .words import NAME, WordReader

_TOKEN = re.compile(
    r"(?P<blank>(?:[ \t\r]|\\\n)+)|(?P<newline>\n)|(?P<comment>#[^\n]*)"
    r"|(?P<redirect>(?:\d+|\{\w+\}|&)?(?:<<<|<<-?|<>|<&|>&|>>|>\||<(?!\()|>(?!\()))"
    r"|(?P<op>\|\||&&|;;&|;;|;&|\|&|[;&|()])"
)
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=")
_NO_ARGUMENTS = re.compile(r"\s*\)")
_FUNCTION = re.compile(r"\s*[^\s(){}]+\s*(?:\(\s*\))?")
_DROPPED = frozenset({"then", "do", "else", "elif", "!", "time"})
_OPENS = frozenset({"if", "while", "until", "for", "select", "case", "{"})
_CLOSES = {
    "fi": ("if",),
    "done": ("while", "until", "for", "select"),
    "esac": ("case",),
    "}": ("{", "function"),
}
_LOOSE = frozenset({"while", "until", "for", "select", "function"})


class _Frame(Struct, eq=False):
    """An open loop, branch, group or function."""

    word: str
    first: int
    fed: bool
    pattern: bool = False
    """Inside a `case`: at a pattern, where `)` closes nothing."""


def scan(text: str) -> Shell:
    """Read a script."""
    return _Scanner(text).scan()


class _Scanner(WordReader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._frames: list[_Frame] = []
        self._heredocs: list[tuple[str, bool, bool]] = []
        self._base = 0
        """Frames of the brackets around: what closes here closes none of them."""
        self._function_next = False
        self._closed: _Frame | None = None
        """The compound that just closed: redirections after it are its own."""

    def scan(self) -> Shell:
        self._commands("")
        self._found.whole = self._found.whole and not self._heredocs
        return self._found

    # Commands

    def _commands(self, closer: str) -> None:
        """Read commands up to the closer, or to the end."""
        self._deeper(self._depth)
        outer, self._base = self._base, len(self._frames)
        command = Command(self._at)
        while self._at < self._end:
            match = _TOKEN.match(self._text, self._at, self._end)
            if match is None:
                command = self._take_word(command)
                continue
            if match.lastgroup == "comment":
                self._comment(match.end())
            self._at = match.end()
            if match.lastgroup == "redirect":
                self._redirect(command, match[0])
            elif match.lastgroup == "newline":
                command = self._next(command)
                self._read_heredocs()
            elif match.lastgroup == "op":
                if match[0] == closer == ")" and not (self._at_pattern() or _is_testing(command)):
                    self._next(command)
                    break
                command = self._operator(command, match)
        else:
            self._next(command)
            self._found.whole = self._found.whole and not closer
        self._found.whole = self._found.whole and len(self._frames) == self._base
        del self._frames[self._base :]
        self._base = outer
        self._depth -= 1

    def _next(self, command: Command, *, piped: bool = False) -> Command:
        """Keep a finished command; return the one that follows."""
        if (command.words or command.assigned) and not (self._frames and self._frames[-1].pattern):
            self._keep(command)
        self._closed = None
        follows = Command(self._at)
        follows.fed = "own" if piped else ""
        return follows

    def _keep(self, command: Command) -> None:
        if not command.fed and self._frames and self._frames[-1].fed:
            command.fed = "outer"
        command.in_function = any(frame.word == "function" for frame in self._frames)
        self._found.commands.append(command)
        forever = len(self._text) + 1
        if not command.words:
            for word in command.assigned:
                if match := _ASSIGNED.match(word.text):
                    self._found.sets.append((match[1], word.end, forever))
            return
        names, opens = declared([word.text for word in command.words])
        self._found.sets += [(name, command.words[0].start, forever) for name in names]
        if opens and self._found.anything_from is None:
            self._found.anything_from = command.words[0].start

    def _at_pattern(self) -> bool:
        return len(self._frames) > self._base and self._frames[-1].pattern

    def _operator(self, command: Command, match: re.Match[str]) -> Command:
        sign = match[0]
        frame = self._frames[-1] if self._frames else None
        if _is_testing(command) and sign in ("&&", "||", "(", ")", "|"):
            return command
        if sign == "(":
            return self._open_bracket(command)
        if frame is not None and frame.pattern:
            if sign == ")":
                frame.pattern = False
                return Command(self._at)
            return command
        if sign == ")":
            self._found.whole = False
        if sign in (";;", ";&", ";;&") and frame is not None and frame.word == "case":
            follows = self._next(command)
            frame.pattern = True
            return follows
        return self._next(command, piped=sign in ("|", "|&"))

    def _open_bracket(self, command: Command) -> Command:
        """A subshell, an arithmetic command, a function's name, or a pattern's optional bracket."""
        if self._frames and self._frames[-1].pattern:
            return command
        is_for = [word.text for word in command.words] == ["for"]
        if self._text.startswith("(", self._at) and (not command.words or is_for) and self._arithmetic():
            return command
        if len(command.words) == 1 and (match := _NO_ARGUMENTS.match(self._text, self._at, self._end)):
            self._at, self._function_next = match.end(), True
            return Command(self._at)
        self._push("function" if self._function_next else "(", command)
        self._closed = self._subshell()
        return Command(self._at)

    def _substitution(self) -> None:
        """Read `$(…)` or `<(…)` after its opening bracket."""
        closed, heredocs, self._heredocs = self._closed, self._heredocs, []
        quoted, self._in_quotes = self._in_quotes, False
        self._push("$(", Command(self._at))
        self._subshell()
        self._closed, self._heredocs, self._in_quotes = closed, heredocs, quoted

    def _backticks(self) -> None:
        stop = self._at + 1
        while stop < self._end and self._text[stop] != "`":
            stop += 2 if self._text[stop] == "\\" else 1
        stop = min(stop, self._end)
        outer, self._end, self._at = self._end, stop, self._at + 1
        closed, heredocs, self._heredocs = self._closed, self._heredocs, []
        quoted, self._in_quotes = self._in_quotes, False
        self._push("$(", Command(self._at))
        self._subshell("")
        self._closed, self._heredocs, self._in_quotes = closed, heredocs, quoted
        self._end, self._at = outer, min(stop + 1, outer)

    def _subshell(self, closer: str = ")") -> _Frame:
        """Read up to the closer in the frame just pushed; what is set inside is gone outside."""
        first, frame = len(self._found.sets), self._frames[-1]
        self._commands(closer)
        self._pop()
        sets = self._found.sets
        sets[first:] = [(name, start, min(end, self._at)) for name, start, end in sets[first:]]
        return frame

    def _push(self, word: str, command: Command) -> None:
        self._function_next = False
        fed = bool(command.fed) or (bool(self._frames) and self._frames[-1].fed)
        self._frames.append(_Frame(word, len(self._found.commands), fed))
        self._deeper(len(self._frames) // 5)
        self._depth -= 1

    def _pop(self) -> None:
        self._closed = self._frames.pop()

    # Words and redirections

    def _take_word(self, command: Command) -> Command:
        word = self._word()
        if self._frames and self._frames[-1].pattern:
            if word.text == "esac" and not word.quoted:
                self._pop()
            return command
        if not command.words and not command.assigned and not word.quoted:
            handled = self._reserved(command, word)
            if handled is not None:
                return handled
        if not command.words and _ASSIGNED.match(word.text) and not word.quoted:
            command.assigned.append(word)
            return command
        command.words.append(word)
        is_case = command.words[0].text == "case" and len(command.words) == 3
        if is_case and word.text == "in" and self._frames and self._frames[-1].word == "case":
            follows = self._next(command)
            self._frames[-1].pattern = True
            return follows
        return command

    def _reserved(self, command: Command, word: Word) -> Command | None:
        text = word.text
        if text in _DROPPED:
            return command
        if text == "function":
            match = _FUNCTION.match(self._text, self._at, self._end)
            self._at, self._function_next = (match.end() if match else self._at), True
            return command
        is_open = len(self._frames) > self._base
        if is_open and text in _CLOSES and self._frames[-1].word in _CLOSES[text]:
            self._pop()
            return Command(self._at)
        if text in _OPENS:
            kind = "function" if text == "{" and self._function_next else text
            self._push(kind, command)
            if text in ("for", "select", "case"):
                return None
            return Command(self._at)
        return None

    def _redirect(self, command: Command, sign: str) -> None:
        sign_at = self._at - len(sign)
        if sign.startswith("{") and (name := NAME.match(sign, 1)):
            self._found.sets.append((name[0], self._at, len(self._text) + 1))
        while self._at < self._end and self._text[self._at] in " \t":
            self._at += 1
        start = self._at
        word = None
        if self._at < self._end and (
            self._text[self._at] not in "\n;&|()<>" or self._text.startswith(("<(", ">("), self._at)
        ):
            word = self._word()
        if _is_testing(command):
            return
        bare = sign.lstrip("0123456789")
        if sign == "<":
            self._found.reads_from.append(sign_at)
        if word is not None and self._is_writing(sign, word):
            self._found.writes.append((sign_at, word))
        number = sign[: len(sign) - len(bare)]
        if bare.startswith("<<") and bare != "<<<" and word is not None:
            raw = self._text[start : word.end]
            quoted = any(letter in raw for letter in "'\"\\")
            self._heredocs.append((word.text, quoted, bare == "<<-"))
        if bare.startswith("<") and number in ("", "0"):
            self._feed(command)

    def _is_writing(self, sign: str, word: Word) -> bool:
        """Tell whether a redirection opens a file to write into it, when what is read here runs."""
        kind = sign[len(sign.rstrip("<>&|")) :].removeprefix("&")
        if any(frame.word == "function" for frame in self._frames):
            return False
        to_stream = kind == ">&" and re.fullmatch(r"\d*-?", word.text)
        return ">" in kind and not to_stream and not self._text.startswith(">(", word.start)

    def _feed(self, command: Command) -> None:
        """A redirection of the input, of one command or of all that a loop or group holds."""
        command.fed = "own"
        if self._closed is None or self._closed.fed or command.words:
            return
        self._closed.fed = True
        for inner in self._found.commands[self._closed.first :]:
            inner.fed = inner.fed or "outer"

    def _read_heredocs(self) -> None:
        pending, self._heredocs = self._heredocs, []
        for delimiter, quoted, stripped in pending:
            start = self._at
            while True:
                if self._at >= self._end:
                    self._found.whole = False
                    body_end = self._end
                    break
                stop = self._text.find("\n", self._at, self._end)
                stop = self._end if stop < 0 else stop
                line = self._text[self._at : stop]
                body_end, self._at = self._at, min(stop + 1, self._end)
                if (line.lstrip("\t") if stripped else line) == delimiter:
                    break
            self._found.marks.append((start, body_end, Mark.STRING))
            if not quoted:
                self._expansions(start, body_end)

    def _is_loose(self) -> bool:
        return any(frame.word in _LOOSE for frame in self._frames)


def _is_testing(command: Command) -> bool:
    """Tell whether what follows stands within `[[ … ]]`, where `<`, `>` and brackets compare and group."""
    marks = [(word.text, word.quoted) for word in command.words[:1] + command.words[-1:]]
    return marks[:1] == [("[[", False)] and marks[1] != ("]]", False)
