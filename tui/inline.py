"""What stands out within a paragraph: code, bold, emphasis, links."""

from __future__ import annotations

import re

from .lines import Span, span

_ESCAPE = r"\\([!-/:-@\[-`{-~])"
_INLINE = re.compile(
    rf"{_ESCAPE}|"
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>(?:[^*\\]|\\.)++)\*\*|"
    r"(?<![\w*])\*(?P<em>(?!\s)(?:[^*\\]|\\.)++(?<!\s))\*(?![\w*])|"
    r"(?<!\w)__(?P<strong>[^_\s](?:[^_]|_(?!_))*+)(?<!\s)__(?!\w)|"
    r"(?<!\w)_(?P<stress>[^_\s](?:[^_]*[^_\s])?)_(?!\w)|"
    r"!?\[(?P<label>[^\[\]]*)\]\((?P<to>[^()\s]+)(?:\s[^()]*)?\)"
)
"""None looks further than to where the next may begin: hostile text takes no longer than any other."""


def inline(text: str) -> list[Span]:
    """Return one paragraph's text as spans: code, bold, emphasis, links with their targets in sight."""
    spans: list[Span] = []
    end = 0
    for match in _INLINE.finditer(text):
        spans.append(span(text[end : match.start()]))
        if match[1] is not None:
            spans.append(span(match[1]))
        elif match["code"] is not None:
            spans.append(span(match["code"], "code"))
        elif bold := match["bold"] or match["strong"]:
            spans.append(span(_unescaped(bold), "title"))
        elif em := match["em"] or match["stress"]:
            spans.append(span(_unescaped(em), "em"))
        else:
            spans += [span(_unescaped(match["label"])), span(f" <{match['to']}>", "dim")]
        end = match.end()
    spans.append(span(text[end:]))
    return [one for one in spans if one[0]]


def _unescaped(text: str) -> str:
    return re.sub(_ESCAPE, r"\1", text)
