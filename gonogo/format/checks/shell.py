"""Reading shell without running it: which variables a script uses and sets, which commands it calls.

A scanner for what sh, bash, ksh and zsh have in common. It never fails: what is malformed is read as far as
it goes (`whole` says whether it closed), for bash itself is asked about the syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .shellsets import declared

DEPTH_LIMIT = 40
"""Substitutions inside substitutions; what is deeper is not looked at."""
_TOKEN = re.compile(
    r"(?P<blank>(?:[ \t\r]|\\\n)+)|(?P<newline>\n)|(?P<comment>#[^\n]*)"
    r"|(?P<redirect>(?:\d+|\{\w+\}|&)?(?:<<<|<<-?|<>|<&|>&|>>|>\||<(?!\()|>(?!\()))"
    r"|(?P<op>\|\||&&|;;&|;;|;&|\|&|[;&|()])"
)
_PLAIN = re.compile(r"[^\s;&|()<>'\"\\$`]+")
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_TEXT = re.compile(r"[^\\$`]+")
_NAME = re.compile(r"[A-Za-z_]\w*")
_PARAMETER = re.compile(r"\$\{([#!]?)([A-Za-z_]\w*|[0-9]+|[@*#?$!-])?")
_GUARD = re.compile(r":?([-=?+])")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=")
_SUM = re.compile(r"(?P<name>[A-Za-z_]\w*)|(?P<number>\d[\w#]*)|(?P<other>[^\w$()`\"']+|.)", re.DOTALL)
_SUM_SETS = re.compile(r"\s*(?:\[[^\]]*\]\s*)?(?:(?:[-+*/%&|^]|<<|>>)?=(?!=)|\+\+|--)")
_NO_ARGUMENTS = re.compile(r"\s*\)")
_FUNCTION = re.compile(r"\s*[^\s(){}]+\s*(?:\(\s*\))?")
_ESCAPED = re.compile(r"\$'((?:[^'\\]|\\.)*+)'?", re.DOTALL)
_DROPPED = frozenset({"then", "do", "else", "elif", "!", "time"})
_OPENS = frozenset({"if", "while", "until", "for", "select", "case", "{"})
_CLOSES = {
    "fi": ("if",),
    "done": ("while", "until", "for", "select"),
    "esac": ("case",),
    "}": ("{", "function"),
}
_LOOSE = frozenset({"while", "until", "for", "select", "function"})


# Dataclasses here leave out what is not used: comparing and printing cost 2 ms of every start.
@dataclass(slots=True, eq=False, repr=False)
class Word:
    """One word: its quotes taken off, its expansions left as written. Offsets are in the script."""

    text: str
    start: int
    end: int
    quoted: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Command:
    """A simple command. `fed`: its input comes from "" (nowhere), its `own` or an `outer` redirection."""

    start: int
    words: list[Word] = field(default_factory=list)
    assigned: list[Word] = field(default_factory=list)
    fed: str = ""
    in_function: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Use:
    """A variable that is looked at. `guarded`: the script says what holds when it is not set."""

    name: str
    start: int
    length: int
    guarded: bool = False
    loose: bool = False
    """In a loop or function, where the order of writing is not the order of running."""


@dataclass(slots=True, eq=False, repr=False)
class Shell:
    """What a script does with variables, and its commands in order."""

    uses: list[Use] = field(default_factory=list)
    sets: list[tuple[str, int, int]] = field(default_factory=list)
    """(name, from, to): where a value that the script gives is seen."""
    commands: list[Command] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    """(from, to) of each."""
    reads_from: list[int] = field(default_factory=list)
    """Where each `<` stands that redirects a command's input from a file."""
    anything_from: int | None = None
    """From here on any name may be set: another file is read in, or a text run."""
    whole: bool = True
    _by_name: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def sets_before(self, use: Use) -> bool:
        """Tell whether the script itself gives the variable a value before it is used."""
        if self.anything_from is not None and self.anything_from <= use.start:
            return True
        spans = self._spans().get(use.name, ())
        if any(start <= use.start < end for start, end in spans):
            return True
        return use.loose and any(use.start < end for _, end in spans)

    def _spans(self) -> dict[str, list[tuple[int, int]]]:
        if self.sets and not self._by_name:
            for name, start, end in self.sets:
                self._by_name.setdefault(name, []).append((start, end))
        return self._by_name


@dataclass(slots=True, eq=False, repr=False)
class _Frame:
    """An open loop, branch, group or function."""

    word: str
    first: int
    fed: bool
    pattern: bool = False
    """Inside a `case`: at a pattern, where `)` closes nothing."""


def scan(text: str) -> Shell:
    """Read a script."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text, self._at, self._end = text, 0, len(text)
        self._found = Shell()
        self._frames: list[_Frame] = []
        self._heredocs: list[tuple[str, bool, bool]] = []
        self._base = 0
        """Frames of the brackets around: what closes here closes none of them."""
        self._depth = 0
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
            self._at = match.end()
            if match.lastgroup == "redirect":
                self._redirect(command, match[0])
            elif match.lastgroup == "comment":
                self._found.comments.append(match.span())
            elif match.lastgroup == "newline":
                command = self._next(command)
                self._read_heredocs()
            elif match.lastgroup == "op":
                if match[0] == ")" and closer == ")" and not self._at_pattern():
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

    def _deeper(self, depth: int) -> None:
        """Go one nesting down; past the limit the rest is not read."""
        self._depth += 1
        if depth > DEPTH_LIMIT:
            self._at, self._found.whole = self._end, False

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
        testing = bool(command.words) and command.words[0].text == "[[" and command.words[-1].text != "]]"
        frame = self._frames[-1] if self._frames else None
        if testing and sign in ("&&", "||", "(", ")", "|"):
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
        if self._text.startswith("(", self._at) and (not command.words or is_for):
            self._at += 1
            self._sum(2)
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
        self._push("$(", Command(self._at))
        self._subshell()
        self._closed, self._heredocs = closed, heredocs

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
        if sign.startswith("{") and (name := _NAME.match(sign, 1)):
            self._found.sets.append((name[0], self._at, len(self._text) + 1))
        while self._at < self._end and self._text[self._at] in " \t":
            self._at += 1
        start = self._at
        word = None
        if self._at < self._end and (
            self._text[self._at] not in "\n;&|()<>" or self._text.startswith(("<(", ">("), self._at)
        ):
            word = self._word()
        bare = sign.lstrip("0123456789")
        if sign == "<":
            self._found.reads_from.append(sign_at)
        number = sign[: len(sign) - len(bare)]
        if bare.startswith("<<") and bare != "<<<" and word is not None:
            raw = self._text[start : word.end]
            quoted = any(letter in raw for letter in "'\"\\")
            self._heredocs.append((word.text, quoted, bare == "<<-"))
        if bare.startswith("<") and number in ("", "0"):
            self._feed(command)

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
            if not quoted:
                self._expansions(start, body_end)

    def _expansions(self, start: int, end: int) -> None:
        """Look for expansions in a text where nothing else is special."""
        after, outer, self._at, self._end = self._at, self._end, start, end
        while self._at < self._end:
            if match := _TEXT.match(self._text, self._at, self._end):
                self._at = match.end()
            else:
                self._special()
        self._at, self._end = after, outer

    def _word(self) -> Word:
        start, parts, quoted = self._at, [], False
        while self._at < self._end:
            letter = self._text[self._at]
            if match := _PLAIN.match(self._text, self._at, self._end):
                parts.append(match[0])
                self._at = match.end()
            elif letter in "'\"":
                quoted = quoted or not parts
                parts.append(self._quoted(letter))
            elif letter in "\\$`":
                parts.append(self._special())
            elif letter in "<>" and self._text.startswith("(", self._at + 1):
                self._at += 2
                self._substitution()
            elif letter == "(" and parts and parts[-1][-1:] in ("=", "?", "*", "+", "@", "!"):
                self._brackets()
            else:
                break
        if self._at == start:
            self._at += 1
        return Word("".join(parts), start, self._at, quoted)

    def _brackets(self) -> None:
        """The elements of an array, or the patterns of an extended glob."""
        self._at += 1
        self._deeper(self._depth)
        while self._at < self._end and self._text[self._at] != ")":
            letter = self._text[self._at]
            if letter in " \t\r\n|&;<>":
                self._at += 1
            elif letter == "#":
                stop = self._text.find("\n", self._at, self._end)
                self._at = self._end if stop < 0 else stop
            elif letter == "(":
                self._brackets()
            else:
                self._word()
        self._found.whole = self._found.whole and self._at < self._end
        self._at = min(self._at + 1, self._end)
        self._depth -= 1

    def _quoted(self, mark: str) -> str:
        self._at += 1
        if mark == "'":
            stop = self._text.find("'", self._at, self._end)
            return self._until(stop)
        parts = []
        while self._at < self._end and self._text[self._at] != '"':
            if match := _IN_QUOTES.match(self._text, self._at, self._end):
                parts.append(match[0])
                self._at = match.end()
            else:
                parts.append(self._special())
        self._found.whole = self._found.whole and self._at < self._end
        self._at = min(self._at + 1, self._end)
        return "".join(parts)

    def _until(self, stop: int) -> str:
        """Return the text up to `stop` and go past it; -1 is a quote that never closes."""
        if stop < 0:
            self._found.whole, stop = False, self._end
        text, self._at = self._text[self._at : stop], min(stop + 1, self._end)
        return text

    # Expansions

    def _special(self) -> str:
        """Read what a backslash, dollar or backtick begins; return it as it shows in a word."""
        start, letter = self._at, self._text[self._at]
        if letter == "\\":
            self._at = min(self._at + 2, self._end)
            text = self._text[start + 1 : self._at]
            return "" if text == "\n" else text
        if letter == "`":
            self._backticks()
        elif self._text.startswith("$((", start):
            self._at += 3
            self._sum(2)
        elif self._text.startswith("$(", start):
            self._at += 2
            self._substitution()
        elif self._text.startswith("${", start):
            self._parameter()
        elif self._text.startswith("$'", start):
            match = _ESCAPED.match(self._text, start, self._end)
            self._at = match.end() if match else self._end
        elif match := _NAME.match(self._text, start + 1, self._end):
            self._at = match.end()
            self._use(match[0], start, self._at)
        else:
            self._at += 2 if self._text[start + 1 : start + 2] in tuple("0123456789@*#?$!-") else 1
        return self._text[start : self._at]

    def _backticks(self) -> None:
        stop = self._at + 1
        while stop < self._end and self._text[stop] != "`":
            stop += 2 if self._text[stop] == "\\" else 1
        stop = min(stop, self._end)
        outer, self._end, self._at = self._end, stop, self._at + 1
        closed, heredocs, self._heredocs = self._closed, self._heredocs, []
        self._push("$(", Command(self._at))
        self._subshell("")
        self._closed, self._heredocs = closed, heredocs
        self._end, self._at = outer, min(stop + 1, outer)

    def _parameter(self) -> None:
        start = self._at
        match = _PARAMETER.match(self._text, start, self._end)
        assert match is not None
        self._at = match.end()
        name = match[2] or ""
        if self._text.startswith("[", self._at):
            self._inside("]")
        guard = _GUARD.match(self._text, self._at, self._end) if not match[1] else None
        if _NAME.fullmatch(name) and not (
            match[1] == "!" and self._text[self._at : self._at + 1] in ("*", "@")
        ):
            self._use(name, start, match.end(), guarded=guard is not None)
            if guard is not None and guard[1] in "=?":
                self._found.sets.append((name, start, len(self._text) + 1))
        self._inside("}")

    def _inside(self, closer: str) -> None:
        """Read on past the closer, with what is expanded on the way."""
        self._deeper(self._depth)
        while self._at < self._end and self._text[self._at] != closer:
            letter = self._text[self._at]
            if letter in "\\$`":
                self._special()
            elif letter == '"':
                self._quoted('"')
            else:
                self._at += 1
        self._found.whole = self._found.whole and self._at < self._end
        self._at = min(self._at + 1, self._end)
        self._depth -= 1

    def _sum(self, closing: int) -> None:
        """Read arithmetic up to its closing brackets."""
        depth = closing
        self._deeper(self._depth)
        while self._at < self._end and depth:
            letter = self._text[self._at]
            if letter in "$`\\":
                self._special()
            elif letter in "()":
                depth += 1 if letter == "(" else -1
                self._at += 1
            elif match := _SUM.match(self._text, self._at, self._end):
                self._at = match.end()
                if match.lastgroup == "name":
                    self._sum_name(match)
        self._found.whole = self._found.whole and not depth
        self._depth -= 1

    def _sum_name(self, match: re.Match[str]) -> None:
        before = self._text[max(match.start() - 2, 0) : match.start()]
        sets = _SUM_SETS.match(self._text, self._at, self._end)
        if sets or before in ("++", "--"):
            self._found.sets.append((match[0], match.start(), len(self._text) + 1))
        if sets is None or sets[0].strip() != "=":
            self._use(match[0], match.start(), match.end())

    def _use(self, name: str, start: int, end: int, *, guarded: bool = False) -> None:
        loose = any(frame.word in _LOOSE for frame in self._frames)
        self._found.uses.append(Use(name, start, end - start, guarded, loose))
