"""The document's words and commands as lines: light, and far cheaper than a Markdown widget."""

from __future__ import annotations

import re

from .lines import Line, Span, pieces, span, wrap

_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|"
    r"(?<![\w*])\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*(?![\w*])|!?\[(?P<label>[^\]]*)\]\((?P<to>[^)\s]+)[^)]*\)"
)
_ITEM = re.compile(r"(?P<lead>\s*)(?:[-*+]|(?P<number>\d+[.)]))\s+(?:\[(?P<box>[ xX])\]\s+)?(?P<rest>.*)")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def prose(source: str, cells: int) -> list[Line]:
    """Return Markdown source as lines of at most so many cells; everything unknown stays as written."""
    lines: list[Line] = []
    paragraph: list[str] = []
    fenced = False

    def flush() -> None:
        if paragraph:
            lines.extend(wrap(inline(" ".join(paragraph)), cells))
            paragraph.clear()

    for raw in _COMMENT.sub("", source).splitlines():
        text = raw.rstrip()
        if text.lstrip().startswith(("```", "~~~")):
            flush()
            fenced = not fenced
        elif fenced:
            lines.extend(bar(text, cells, "dim"))
        elif not text:
            flush()
            if lines and lines[-1]:
                lines.append(())
        elif heading := _HEADING.match(text):
            flush()
            lines.extend(wrap([span(heading.group(1), "title")], cells))
        elif item := _ITEM.match(text):
            flush()
            lines.extend(_item(item, cells))
        else:
            paragraph.append(text.strip())
    flush()
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _item(item: re.Match[str], cells: int) -> list[Line]:
    lead = " " * min(len(item["lead"]), 8)
    mark = f"{item['number']} " if item["number"] else "• "
    if item["box"]:
        mark = "☐ " if item["box"] == " " else "☑ "
    indent = lead + " " * len(mark)
    return wrap([(lead + mark, "dim"), *inline(item["rest"])], cells, indent)


def inline(text: str) -> list[Span]:
    """Return one paragraph's text as spans: code, bold, emphasis, links with their targets in sight."""
    spans: list[Span] = []
    end = 0
    for match in _INLINE.finditer(text):
        spans.append(span(text[end : match.start()]))
        if match["code"] is not None:
            spans.append(span(match["code"], "code"))
        elif match["bold"] is not None:
            spans.append(span(match["bold"], "title"))
        elif match["em"] is not None:
            spans.append(span(match["em"], "em"))
        else:
            spans += [span(match["label"]), span(f" <{match['to']}>", "dim")]
        end = match.end()
    spans.append(span(text[end:]))
    return [one for one in spans if one[0]]


def bar(text: str, cells: int, style: str) -> list[Line]:
    """Return one source line behind a bar, broken hard so that no character is hidden."""
    text = text.expandtabs(4)
    return [
        (("▎ " if at == 0 else "▎↳", "bar"), (piece, style))
        for at, piece in enumerate(pieces(text, cells - 2))
    ]


def script(text: str, cells: int) -> list[Line]:
    """Return a script exactly as it will run; whole-line comments stand back a little."""
    lines: list[Line] = []
    for line in text.rstrip("\n").split("\n"):
        lines.extend(bar(line, cells, "comment" if line.lstrip().startswith("#") else "code"))
    return lines
