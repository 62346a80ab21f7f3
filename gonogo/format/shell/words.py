"""The inside of shell words: quotes, expansions and sums, with the variables that they use and set."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any

from .model import Mark, Shell, Use, Word

DEPTH_LIMIT = 40
"""Substitutions inside substitutions; what is deeper is not looked at."""
NAME = re.compile(r"[A-Za-z_]\w*")
_PLAIN = re.compile(r"[^\s;&|()<>'\"\\$`]+")
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_TEXT = re.compile(r"[^\\$`]+")
_PARAMETER = re.compile(r"\$\{([#!]?)([A-Za-z_]\w*|[0-9]+|[@*#?$!-])?")
_GUARD = re.compile(r":?([-=?+])")
_SUM = re.compile(r"(?P<name>[A-Za-z_]\w*)|(?P<number>\d[\w#]*)|(?P<other>[^\w$()`\"']+|.)", re.DOTALL)
_SUM_SETS = re.compile(r"\s*(?:\[[^\]]*\]\s*)?(?:(?:[-+*/%&|^]|<<|>>)?=(?!=)|\+\+|--)")
_ESCAPED = re.compile(r"\$'((?:[^'\\]|\\.)*+)'?", re.DOTALL)


class WordReader(ABC):
    """Reads words of a text, of which `_at` is the next letter and `_end` the end."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._end = text, 0, len(text)
        self._found = Shell()
        self._depth = 0
        self._rereads = 4 * len(text)
        """Letters that may be read for the second time, so that brackets take no longer as they nest."""
        self._in_quotes = False
        """Between double quotes, or in what is read as if it were."""

    @abstractmethod
    def _substitution(self) -> None:
        """Read `$(…)` or `<(…)` after its opening bracket."""

    @abstractmethod
    def _backticks(self) -> None:
        """Read commands in backticks, from the first one."""

    @abstractmethod
    def _is_loose(self) -> bool:
        """Tell whether what stands here may run before what is written above it."""

    def _mark(self, start: int, mark: Mark) -> None:
        self._found.marks.append((start, self._at, mark))

    def _comment(self, end: int) -> None:
        self._found.comments.append((self._at, end))
        self._at = end

    def _deeper(self, depth: int) -> None:
        """Go one nesting down; past the limit the rest is not read."""
        self._depth += 1
        if depth > DEPTH_LIMIT:
            self._at, self._found.whole = self._end, False

    def _expansions(self, start: int, end: int) -> None:
        """Look for expansions in a text where nothing else is special."""
        after, outer, self._at, self._end = self._at, self._end, start, end
        quoted, self._in_quotes = self._in_quotes, True
        while self._at < self._end:
            if match := _TEXT.match(self._text, self._at, self._end):
                self._at = match.end()
            else:
                self._special()
        self._at, self._end, self._in_quotes = after, outer, quoted

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
                self._comment(self._end if stop < 0 else stop)
            elif letter == "(":
                self._brackets()
            else:
                self._word()
        self._close()
        self._depth -= 1

    def _quoted(self, mark: str) -> str:
        start, self._at = self._at, self._at + 1
        parts = []
        outer, self._in_quotes = self._in_quotes, True
        if mark == "'":
            stop = self._text.find("'", self._at, self._end)
            parts.append(self._text[self._at : stop if stop >= 0 else self._end])
            self._at += len(parts[0])
        while self._at < self._end and self._text[self._at] != mark:
            if match := _IN_QUOTES.match(self._text, self._at, self._end):
                parts.append(match[0])
                self._at = match.end()
            else:
                parts.append(self._special())
        self._in_quotes = outer
        if self._close():
            self._mark(start, Mark.STRING)
        return "".join(parts)

    def _close(self) -> bool:
        """Go past a closer; tell whether it is there."""
        is_closed = self._at < self._end
        self._found.whole = self._found.whole and is_closed
        self._at = min(self._at + 1, self._end)
        return is_closed

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
            self._mark(start, Mark.CODE)
        elif self._text.startswith("$(", start):
            self._at += 2
            if not (self._text.startswith("(", self._at) and self._arithmetic()):
                self._substitution()
            self._mark(start, Mark.CODE)
        elif self._text.startswith("${", start):
            self._parameter()
        elif self._text.startswith("$'", start) and not self._in_quotes:
            match = _ESCAPED.match(self._text, start, self._end)
            self._at = match.end() if match else self._end
            self._mark(start, Mark.STRING)
        elif match := NAME.match(self._text, start + 1, self._end):
            self._at = match.end()
            self._use(match[0], start, self._at)
            self._mark(start, Mark.NAME)
        elif self._text[start + 1 : start + 2] in tuple("0123456789@*#?$!-"):
            self._at += 2
            self._mark(start, Mark.NAME)
        else:
            self._at += 1
        return self._text[start : self._at]

    def _parameter(self) -> None:
        start = self._at
        match = _PARAMETER.match(self._text, start, self._end)
        assert match is not None
        self._at = match.end()
        name = match[2] or ""
        if self._text.startswith("[", self._at):
            self._inside("]", quotes=True)
        guard = _GUARD.match(self._text, self._at, self._end) if not match[1] else None
        if NAME.fullmatch(name) and not (
            match[1] == "!" and self._text[self._at : self._at + 1] in ("*", "@")
        ):
            self._use(name, start, match.end(), guarded=guard is not None)
            if guard is not None and guard[1] in "=?":
                self._found.sets.append((name, start, len(self._text) + 1))
        # Between double quotes a single one is a letter, but in the pattern of what is cut or changed.
        cuts = self._text[self._at : self._at + 1] in tuple("#%/^,")
        if self._inside("}", quotes=cuts or not self._in_quotes):
            self._mark(start, Mark.NAME)

    def _inside(self, closer: str, *, quotes: bool) -> bool:
        """Read on past the closer, with what is expanded on the way; tell whether it is there.

        `quotes`: single ones are no letters.
        """
        self._deeper(self._depth)
        while self._at < self._end and self._text[self._at] != closer:
            letter = self._text[self._at]
            if letter in "\\$`":
                self._special()
            elif letter == '"' or (letter == "'" and quotes):
                self._quoted(letter)
            else:
                self._at += 1
        self._depth -= 1
        return self._close()

    def _arithmetic(self) -> bool:
        """Read `((…))` from its second bracket; leave what ends otherwise: two subshells."""
        start, found = self._at, self._found
        lists: list[list[Any]] = [found.uses, found.sets, found.commands, found.comments]
        lists += [found.reads_from, found.writes, found.marks]
        sizes = [len(one) for one in lists]
        self._at += 1
        self._sum(2)
        if self._text[self._at - 2 : self._at] == "))" or not found.whole or not self._rereads:
            return True
        for one, size in zip(lists, sizes, strict=True):
            del one[size:]
        self._rereads, self._at = max(self._rereads - (self._at - start), 0), start
        return False

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
        self._found.uses.append(Use(name, start, end - start, guarded, self._is_loose()))
