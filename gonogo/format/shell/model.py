"""What is known of a shell script: the variables it uses and sets, the commands it calls."""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum
from operator import itemgetter

from msgspec import Struct, field


class Mark(Enum):
    """What a piece of a script is; what is code stands in a string or name around it."""

    CODE = "code"
    STRING = "string"
    NAME = "name"


class Word(Struct, eq=False):
    """One word: its quotes taken off, its expansions left as written. Offsets are in the script."""

    text: str
    start: int
    end: int
    quoted: bool = False


class Command(Struct, eq=False):
    """A simple command. `fed`: its input comes from "" (nowhere), its `own` or an `outer` redirection."""

    start: int
    words: list[Word] = field(default_factory=list)
    assigned: list[Word] = field(default_factory=list)
    fed: str = ""
    in_function: bool = False


class Use(Struct, eq=False):
    """A variable that is looked at. `guarded`: the script says what holds when it is not set."""

    name: str
    start: int
    length: int
    guarded: bool = False
    loose: bool = False
    """In a loop or function, where the order of writing is not the order of running."""


class Shell(Struct, eq=False):
    """What a script does with variables, and its commands in order."""

    uses: list[Use] = field(default_factory=list)
    sets: list[tuple[str, int, int]] = field(default_factory=list)
    """(name, from, to): where a value that the script gives is seen."""
    commands: list[Command] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    """(from, to) of each."""
    marks: list[tuple[int, int, Mark]] = field(default_factory=list)
    """(from, to, what) of strings, variables and substitutions that close; in no order."""
    reads_from: list[int] = field(default_factory=list)
    """Where each `<` stands that redirects a command's input from a file."""
    writes: list[tuple[int, Word]] = field(default_factory=list)
    """(where its sign stands, the file) of each redirection that writes one, but in a function."""
    anything_from: int | None = None
    """From here on any name may be set: another file is read in, or a text run."""
    whole: bool = True
    _by_name: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)

    def sets_before(self, use: Use) -> bool:
        """Tell whether the script itself gives the variable a value before it is used."""
        if self.anything_from is not None and self.anything_from <= use.start:
            return True
        if use.name not in self._spans():
            return False
        starts, ends = self._by_name[use.name]
        before = bisect_right(starts, use.start)
        if before and use.start < ends[before - 1]:
            return True
        return use.loose and use.start < ends[-1]

    def _spans(self) -> dict[str, tuple[list[int], list[int]]]:
        """Return, for each name, where values begin, in order, and how far those up to there reach."""
        if self.sets and not self._by_name:
            for name, start, end in sorted(self.sets, key=itemgetter(1)):
                starts, ends = self._by_name.setdefault(name, ([], []))
                starts.append(start)
                ends.append(max(end, ends[-1]) if ends else end)
        return self._by_name
