"""The condition of a `when`: comparisons of values, joined by `and`, `or`, `not` and brackets.

`$release == havana and ($count > 3 or not $skip)`. An operand is `$name`, a "quoted text" or a bare word. A
name that has no value is empty text. `==`, `!=` compare text; `<`, `<=`, `>`, `>=` numbers; `=~` searches for
a regular expression. An operand alone holds when it is neither empty nor `false`, `no` or `0`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from gonogo.patience import TooSlow, patiently

_TOKEN = re.compile(
    r"""\s*(?:(?P<name>\$\{?[A-Za-z_]\w*\}?)|(?P<quoted>"[^"]*"|'[^']*')|(?P<sign>==|!=|=~|<=|>=|<|>|\(|\))"""
    r"""|(?P<word>[^\s()=!<>"'$]+))"""
)
_SIGNS = frozenset({"==", "!=", "=~", "<", "<=", ">", ">="})
_NO = frozenset({"", "false", "no", "0"})
_DEPTH = 20


class Operand(Struct, frozen=True):
    """A value: a text, or the name of a variable."""

    text: str
    is_name: bool = False

    def value(self, values: Mapping[str, str]) -> str:
        """Return the text, or the variable's value."""
        return values.get(self.text, "") if self.is_name else self.text


class Comparison(Struct, frozen=True):
    """Two operands and a sign; or one alone, with neither sign nor right side."""

    left: Operand
    sign: str = ""
    right: Operand = Operand("")

    def holds(self, values: Mapping[str, str]) -> bool:
        """Tell whether it is true; numbers are compared only when both sides are numbers."""
        left, right = self.left.value(values).strip(), self.right.value(values).strip()
        match self.sign:
            case "":
                return left.lower() not in _NO
            case "==":
                return left == right
            case "!=":
                return left != right
            case "=~":
                return _matches(right, left)
        return _compare(left, self.sign, right)


def _matches(pattern: str, value: str) -> bool:
    try:
        return patiently(lambda: re.search(pattern, value)) is not None
    except TooSlow:
        return False


class Joined(Struct, frozen=True):
    """`and` or `or` over its parts; `not` over one."""

    how: str
    parts: tuple[Condition, ...]

    def holds(self, values: Mapping[str, str]) -> bool:
        """Tell whether it is true."""
        if self.how == "not":
            return not self.parts[0].holds(values)
        return (all if self.how == "and" else any)(part.holds(values) for part in self.parts)


Condition = Comparison | Joined


def parse(text: str) -> Condition:
    """Return the condition that a text says; raise ValueError with what is wrong."""
    reader = _Reader(_tokens(text))
    found = reader.either(0)
    if reader.now is not None:
        raise ValueError(f"{reader.now[1]!r} is not expected there")
    return found


def names(condition: Condition) -> Iterator[str]:
    """Yield the variables that a condition looks at."""
    if isinstance(condition, Joined):
        for part in condition.parts:
            yield from names(part)
        return
    for operand in (condition.left, condition.right):
        if operand.is_name:
            yield operand.text


def _compare(left: str, sign: str, right: str) -> bool:
    try:
        one, other = float(left), float(right)
    except ValueError:
        return False
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign]


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"{text[at:].strip()[:20]!r} is not understood")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    if not found:
        raise ValueError("a condition is missing")
    return found


def _check_pattern(operand: Operand) -> None:
    if operand.is_name:
        raise ValueError("=~ wants a pattern written here, not a value: a host could send any")
    try:
        re.compile(operand.text)
    except re.error as error:
        raise ValueError(
            f"{operand.text!r} is no regular expression ({error}): write \\ before what is meant as it stands"
        ) from None


class _Reader:
    """Recursive descent over the tokens: or, and, not, brackets, comparison."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def now(self) -> tuple[str, str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def either(self, depth: int) -> Condition:
        return self._joined("or", lambda: self._joined("and", lambda: self._one(depth)))

    def _joined(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self.now == ("word", word):
            self._at += 1
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _one(self, depth: int) -> Condition:
        if depth > _DEPTH:
            raise ValueError("the brackets are nested too deeply")
        if self.now == ("word", "not"):
            self._at += 1
            return Joined("not", (self._one(depth + 1),))
        if self.now == ("sign", "("):
            self._at += 1
            found = self.either(depth + 1)
            if self.now != ("sign", ")"):
                raise ValueError("a bracket is never closed")
            self._at += 1
            return found
        return self._comparison()

    def _comparison(self) -> Comparison:
        left = self._operand()
        if self.now is None or self.now[1] not in _SIGNS:
            return Comparison(left)
        sign = self.now[1]
        self._at += 1
        right = self._operand()
        if sign == "=~":
            _check_pattern(right)
        return Comparison(left, sign, right)

    def _operand(self) -> Operand:
        if self.now is None or self.now[0] == "sign":
            raise ValueError(
                "a value is missing" + (f" before {self.now[1]!r}" if self.now else " at the end")
            )
        kind, text = self.now
        self._at += 1
        if kind == "name":
            return Operand(text.strip("${}"), is_name=True)
        return Operand(text[1:-1] if kind == "quoted" else text)
