"""A file becomes a runbook and a list of mistakes. Reading one runs nothing."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from gonogo.errors import RunbookError
from gonogo.text import clean_line

from .checks import check
from .front import read_front, split_front
from .markdown import Reader
from .model import Place, Problem, Runbook
from .problems import Problems
from .yamldoc import read_document
from .yamlread import read_yaml

SIZE_LIMIT = 16 << 20
_MARKDOWN, _YAML = (".md", ".markdown", ".mdx"), (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A runbook and every mistake found in it, in the file's order."""

    runbook: Runbook
    problems: tuple[Problem, ...]


def load(path: str | Path) -> Loaded:
    """Read a Markdown or YAML runbook; raise RunbookError when there is nothing that can be read."""
    return loads(_read(Path(path)), str(path))


def loads(data: bytes, path: str) -> Loaded:
    """Read a runbook from bytes; the path's ending tells the spelling."""
    text = _decode(data, path)
    problems = Problems()
    runbook = _yaml(text, path, problems) if path.endswith(_YAML) else _markdown(text, path, problems)
    runbook = replace(runbook, sources=((path, data),))
    found = [*problems.found, *check(runbook)]
    found.sort(key=lambda problem: (problem.place.line, problem.place.column))
    return Loaded(runbook, tuple(found))


def _markdown(text: str, path: str, problems: Problems) -> Runbook:
    front_text, lines = split_front(text)
    front = read_front(front_text, path, problems)
    reader = Reader(path, ours=front.ours, problems=problems)
    reader.read("\n".join(text.split("\n")[lines:]), lines + 1)
    return Runbook(
        title=front.title or reader.title or Path(path).stem,
        path=path,
        ours=front.ours,
        children=reader.outline(),
        inventory=front.inventory,
        inputs=front.inputs,
        services=front.services,
        blast_radius=front.blast_radius,
        allowed_signers=front.allowed_signers,
        roles=front.roles,
        not_run=tuple(reader.not_run),
    )


def _yaml(text: str, path: str, problems: Problems) -> Runbook:
    node = read_yaml(text, path, 1, problems)
    if node is None:
        if not problems.found:
            problems.error(Place(path), "empty", "the file is empty", "Begin with `gonogo: 1`.")
        return Runbook(title=Path(path).stem, path=path, ours=True)
    front, children = read_document(node, path, problems)
    return Runbook(
        title=front.title or Path(path).stem,
        path=path,
        ours=True,
        children=children,
        inventory=front.inventory,
        inputs=front.inputs,
        services=front.services,
        blast_radius=front.blast_radius,
        allowed_signers=front.allowed_signers,
        roles=front.roles,
    )


def _read(path: Path) -> bytes:
    shown = clean_line(str(path))
    try:
        # Not blocking: opening a FIFO would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise RunbookError(f"{shown}: {error.strerror}", "Name a Markdown or YAML file.") from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no file"
            raise RunbookError(f"{shown} is {kind}", "Name a Markdown or YAML file.")
        if found.st_size > SIZE_LIMIT:
            raise RunbookError(f"{shown} has more than {SIZE_LIMIT >> 20} MiB", "No runbook is so large.")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _decode(data: bytes, path: str) -> str:
    shown = clean_line(path)
    if not data.strip():
        raise RunbookError(f"{shown}: the file is empty", "Write a heading and a fenced block in `sh`.")
    if b"\0" in data:
        raise RunbookError(f"{shown}: the file is binary", "Name a Markdown or YAML file.")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RunbookError(f"{shown}:{line}:1: this is not UTF-8", "Save the file as UTF-8.") from None
