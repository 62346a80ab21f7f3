"""A Markdown document becomes a checklist: a code block runs, a checkbox is a person's go or no-go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from gonogo.text import clean_line

from .attributes import Given, fence_info, words_of
from .keys import read_options, read_script
from .model import Kind, NotRun, Options, Place, Script, Section, Step
from .outline import TITLE_LIMIT, Box, Draft, finish, open_box, set_defaults
from .problems import Problems

SHELLS = frozenset({"sh", "bash", "zsh", "shell", "console", "shell-session"})
RUNNABLE = SHELLS | {"python", "powershell"}
_PROMPTED = frozenset({"console", "shell-session"})
_COMMENT = re.compile(r"<!--\s*gonogo:(.*?)-->", re.DOTALL)
_TASK = re.compile(r"\[([ xX])\](?:\s+|$)")
_MARKS = re.compile(r"(\*\*|__|\*|`)(.+?)\1|!?\[([^\]]*)\]\([^)]*\)")
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z0-9_ -]*>")
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_LIST_ITEM = 100
"""The level of a list item: below every heading."""


class Reader:
    """Walks the tokens of one document, and of what is nested in it, in order."""

    def __init__(self, file: str, *, ours: bool, problems: Problems) -> None:
        self._file, self._ours, self._problems = file, ours, problems
        self.root = Box("", Place(file), 0)
        self.title = ""
        self.not_run: list[NotRun] = []
        self._stack = [self.root]
        self._lines: list[str] = []

    def read(self, text: str, first_line: int) -> None:
        """Read a text whose first line is `first_line` of the file."""
        outer, self._lines = self._lines, text.split("\n")
        tokens = MarkdownIt("commonmark").parse(text)
        for at, token in enumerate(tokens):
            self._take(token, tokens, at, first_line)
        self._lines = outer

    def outline(self) -> tuple[Section | Step, ...]:
        """Return the finished sections and steps."""
        return finish(self.root, self._problems)

    def _take(self, token: Token, tokens: Sequence[Token], at: int, first: int) -> None:
        place = Place(self._file, (token.map[0] if token.map else 0) + first)
        match token.type:
            case "heading_open":
                self._heading(int(token.tag[1]), tokens[at + 1].content, place)
            case "list_item_open":
                self._item(tokens, at, place)
            case "list_item_close":
                self._close_item(token.level)
            case "paragraph_open":
                self._paragraph(tokens[at + 1].content)
            case "html_block":
                self._html(token.content, place)
            case "fence":
                self._fence(token, place)
            case "code_block":
                self._indented(token, place)

    def _heading(self, level: int, content: str, place: Place) -> None:
        title, given = self._split(content, place)
        while self._stack[-1].level >= level:
            self._stack.pop()
        if level == 1 and not self.title:
            self.title = title
            set_defaults(self.root, self._options(self.root.options, given))
            return
        parent = self._stack[-1]
        self._stack.append(open_box(parent, title, place, level, self._options(parent.options, given)))

    def _item(self, tokens: Sequence[Token], at: int, place: Place) -> None:
        """Open a list item; a checkbox without a code block under it is a step of its own."""
        level = tokens[at].level
        content = tokens[at + 2].content if tokens[at + 1].type == "paragraph_open" else ""
        task = _TASK.match(content)
        title, given = self._split(content[task.end() :] if task else content, place)
        parent = self._stack[-1]
        options = self._options(parent.options, given)
        box = open_box(parent, title, place, _LIST_ITEM + level, options)
        box.is_task = task is not None
        box.prose = parent.prose if not parent.children[:-1] else []
        self._stack.append(box)
        end = next(i for i in range(at, len(tokens)) if tokens[i].level == level and i > at)
        holds = any(token.type in ("fence", "list_item_open") for token in tokens[at + 1 : end])
        if task and not holds:
            prose = parent.take_prose()
            box.children.append(Draft(Kind.CONFIRM, place, options, given, title=title, prose=prose))

    def _close_item(self, level: int) -> None:
        while self._stack[-1].level >= _LIST_ITEM + level:
            self._stack.pop()

    def _paragraph(self, content: str) -> None:
        box = self._stack[-1]
        if _TASK.match(content) or (box.level >= _LIST_ITEM and not box.paragraph and not box.children):
            box.paragraph = box.title
            return
        box.prose.append(_COMMENT.sub("", content).strip())
        box.paragraph = self._plain(content)

    def _html(self, content: str, place: Place) -> None:
        for match in _COMMENT.finditer(content):
            box = self._stack[-1]
            given = words_of(match[1].replace("\n", " "), place, self._problems if self._ours else None)
            inherited = box.rolling or box.options
            set_defaults(box, self._options(inherited, given))

    def _fence(self, token: Token, place: Place) -> None:
        line = self._lines[token.map[0]] if token.map else ""
        column = line.find(token.markup) + len(token.markup) + 1
        self._check_closed(token, place)
        start = Place(place.file, place.line, column)
        language, given = fence_info(token.info, start, self._problems, ours=self._ours)
        if why := self._why_not(language, given):
            self.not_run.append(NotRun(place.line, clean_line(language), why))
            return
        script = Script(_commands(token.content, language), language or "sh", place)
        self._check_text(script, place)
        if "check" in given or "rollback" in given:
            self._attach("check" if "check" in given else "rollback", script, given, place)
        else:
            self._step(script, given, place)

    def _step(self, script: Script, given: Given, place: Place) -> None:
        box = self._stack[-1]
        options = self._options(box.options, given)
        if options.gate is None and (box.is_task or not self._ours):
            options = replace(options, gate="go")
        title = given["title"][0] if "title" in given else ""
        paragraph, prose = box.paragraph, box.take_prose()
        box.paragraph = ""
        box.children.append(
            Draft(Kind.RUN, place, options, given, script, title=title, paragraph=paragraph, prose=prose)
        )

    def _attach(self, role: str, script: Script, given: Given, place: Place) -> None:
        """Give a check or rollback block to the step before it."""
        step = next((found for box in reversed(self._stack) if (found := box.last_run())), None)
        if step is None:
            mend = "Put it after the block that it belongs to."
            self._problems.error(place, "nothing-to-attach", f"there is no step before this {role}", mend)
            return
        script = read_script(script, step.options, given, self._ours, self._problems)
        if getattr(step, role) is not None:
            message = f"the step in line {step.place.line} has a {role} already"
            self._problems.error(place, "doubled", message, "Make one block of both.")
        setattr(step, role, script)

    def _indented(self, token: Token, place: Place) -> None:
        """Indented code is not run; what an admonition indents is a document of its own."""
        if re.search(r"^\s*(```|~~~)", token.content, re.MULTILINE):
            self.read(token.content, place.line)
        else:
            self.not_run.append(NotRun(place.line, "", "indented code has no language"))

    def _why_not(self, language: str, given: Given) -> str:
        if "ignore" in given and given["ignore"][0].lower() not in ("false", "no"):
            return "marked {ignore}"
        if "run" in given or "check" in given or "rollback" in given:
            return ""
        if not language:
            return "it has no language"
        return "" if language in RUNNABLE else f"{clean_line(language)} is no language that runs"

    def _check_closed(self, token: Token, place: Place) -> None:
        if token.map is None:
            return
        last = self._lines[min(token.map[1], len(self._lines)) - 1].strip().lstrip("> ")
        if (
            token.map[1] - 1 > token.map[0]
            and set(last) == {token.markup[0]}
            and len(last) >= len(token.markup)
        ):
            return
        message = f"the code block is never closed: {token.markup} is missing"
        report = self._problems.error if self._ours else self._problems.warn
        report(place, "unclosed-fence", message, f"End it with a line {token.markup}.")

    def _check_text(self, script: Script, place: Place) -> None:
        for number, line in enumerate(script.text.split("\n"), place.line + 1):
            for match in _PLACEHOLDER.finditer(line):
                where = Place(place.file, number, match.start() + 1)
                message = f"{clean_line(match.group())} is left in the command"
                report = self._problems.error if self._ours else self._problems.warn
                report(where, "placeholder", message, "Make it an input and write $name.")
            for match in _TEMPLATE.finditer(line):
                where = Place(place.file, number, match.start() + 1)
                message = f"{clean_line(match.group())} is not filled in: there is no template language"
                self._problems.warn(where, "template", message, "Make it an input and write $name.")

    def _options(self, base: Options, given: Given) -> Options:
        return read_options(base, given, self._ours, self._problems)

    def _split(self, content: str, place: Place) -> tuple[str, Given]:
        """Return a heading's or item's title and the attributes in its comment."""
        given: Given = {}
        for match in _COMMENT.finditer(content):
            given |= words_of(match[1].replace("\n", " "), place, self._problems if self._ours else None)
        first = _COMMENT.sub("", content).strip().split("\n")[0]
        return self._plain(first), given

    def _plain(self, text: str) -> str:
        """Return text without Markdown's marks, on one line, for a title."""
        line = " ".join(_COMMENT.sub("", text).split())
        while (found := _MARKS.sub(lambda mark: mark[2] or mark[3] or "", line)) != line:
            line = found
        return clean_line(line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…")


def _commands(content: str, language: str) -> str:
    """Return a block's commands, without prompts and, in a console block, without the sample output."""
    lines = content.rstrip("\n").split("\n")
    if language in _PROMPTED and any(re.match(r"\s*[$#] ", line) for line in lines):
        return "\n".join(_prompted(lines))
    if language in SHELLS:
        lines = [re.sub(r"^(\s*)\$ ", r"\1", line) for line in lines]
    return "\n".join(lines)


def _prompted(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    goes_on = False
    for line in lines:
        if match := re.match(r"\s*[$#] (.*)", line):
            found.append(match[1])
        elif goes_on:
            found.append(re.sub(r"^\s*> ?", "", line))
        else:
            continue
        goes_on = found[-1].endswith("\\")
    return found
