"""How long a document of 10,000 steps takes to open, in each spelling, beside its parser alone."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

from markdown_it import MarkdownIt

from gonogo.format.load import loads
from gonogo.format.rstparse import parse as parse_rst
from gonogo.yamlguard import compose

from .measure import Row, Way, interleave

STEPS = 10_000
MOST = 2.0
"""Seconds for Markdown."""


def _text(head: str, step: str, count: int) -> str:
    return head + "".join(step.format(number=number) for number in range(1, count + 1))


MARKDOWN = _text(
    "---\ngonogo: 1\n---\n\n",
    "## Host {number}\n\nOne by one.\n\n```sh {{hosts=web no-rollback=none}}\nrestart {number}\n```\n\n",
    STEPS,
)
LISTS = _text("# Lists\n\n", "{number}. Restart {number}\n\n   ```sh\n   restart {number}\n   ```\n", STEPS)
YAML = _text("gonogo: 1\nsteps:\n", "- {{title: Host {number}, run: restart {number}}}\n", STEPS)
RST = _text(
    "RST\n===\n\n",
    "{number}. Host\n\n   .. code-block:: console\n\n      $ restart {number}\n\n",
    STEPS // 10,
)


def timed(work: Callable[[], object]) -> Way:
    """Give a way that does the work once in this process."""

    def way() -> float:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    return way


def rows() -> list[Row]:
    """Open each document; Markdown has a target, YAML and RST stand beside their parsers."""
    cases: list[tuple[str, str, str, str, Callable[[], object]]] = [
        (
            "10,000 headings",
            "a.md",
            MARKDOWN,
            "markdown-it",
            lambda: MarkdownIt("commonmark").parse(MARKDOWN),
        ),
        ("10,000 list items", "a.md", LISTS, "markdown-it", lambda: MarkdownIt("commonmark").parse(LISTS)),
        ("10,000 steps of YAML", "a.yaml", YAML, "libyaml", lambda: compose(YAML)),
        ("1,000 steps of RST", "a.rst", RST, "docutils", lambda: parse_rst(RST, "a.rst")),
    ]
    found = []
    for what, name, text, parser, alone in cases:
        ours, theirs = interleave([timed(partial(loads, text.encode(), name)), timed(alone)], rounds=3)
        mine, other = statistics.median(ours), statistics.median(theirs)
        has_target = name == "a.md"
        found.append(
            Row(
                f"open {what}",
                f"{mine:.2f} s",
                f"{parser} alone: {other:.2f} s",
                mine / other,
                f"<= {MOST:g} s" if has_target else "",
                mine <= MOST if has_target else None,
            )
        )
    return found
