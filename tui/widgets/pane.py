"""A pane of lines: draws only the lines in sight, however many there are."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..keys.app import PANE
from ..lines import Line, span
from ..theme import content, rich_styles

Drawn = tuple[int, str | None, Line]
"""A line's number, the class of its background, and its spans."""


class Pane(ScrollView, can_focus=True):
    """Children give `line(y)`; `show(count)` says how many lines there are."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"pane--cursor", "pane--mark"}
    BINDINGS: ClassVar[list[BindingType]] = [*PANE]
    moves_cursor = False
    """Whether the arrows move a cursor line; else they scroll."""

    class Picked(Message):
        """A line was clicked, or enter pressed on it."""

        def __init__(self, pane: Pane, y: int, x: int) -> None:
            super().__init__()
            self.pane, self.y, self.x = pane, y, x

        @property
        def control(self) -> Pane:
            return self.pane

    class Widened(Message):
        """Its heading was clicked twice: it is to have the screen alone, or to give it back."""

        def __init__(self, pane: Pane) -> None:
            super().__init__()
            self.pane = pane

    class Reshaped(Message):
        """It came into sight, or its scroll bar came or went: lines are to be broken anew."""

    def __init__(self, **kwargs: Any) -> None:
        self._titling = False
        """Only the heading changes just now."""
        super().__init__(**kwargs)
        self.count = 0
        self.cursor = 0
        self._high = 0
        """Lines that were in sight when the cursor was brought there last."""
        self._title: Line = ()
        self._plain = Style()
        self._styles: dict[str, Style] = {}
        self._drawn: dict[int, Drawn] = {}
        """What stands on each row in sight."""

    def line(self, y: int) -> Line:
        """Return one line's spans."""
        raise NotImplementedError

    def tint(self, y: int) -> str | None:
        """Return the component class whose background a line has, if any."""
        return "pane--cursor" if self.moves_cursor and self.has_focus and y == self.cursor else None

    @property
    def cells(self) -> int:
        """Cells a line may take."""
        return max(self.scrollable_content_region.width, 1)

    def head(self, *title: tuple[str, str]) -> None:
        """Set the pane's heading, cleaned and never parsed."""
        line = tuple(title)
        if line != self._title:
            self._title = line
            self._titling = True
            self.border_title = content(line)
            self._titling = False

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Have it painted again; for another heading, nothing but the line that the heading is on."""
        if self._titling:
            regions = (Region(-1, -1, self.outer_size.width, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def show(self, count: int) -> None:
        """Say how many lines there are now, and repaint the rows in sight that are not as they were drawn."""
        self.count = count
        self.cursor = max(0, min(self.cursor, count - 1))
        size = Size(self.cells, count)
        if size != self.virtual_size:
            self.virtual_size = size
            self._refresh_scrollbars()  # else it stays where fewer lines come in a pane of the same size
            self.refresh()
            return
        width = self.size.width
        stale = [y for y, drawn in self._drawn.items() if drawn != self._to_draw(y)]
        if stale:
            self.refresh(*(Region(0, y, width, 1) for y in stale))

    def _to_draw(self, y: int) -> Drawn:
        at = y + self.scroll_offset.y
        return (at, self.tint(at), self.line(at)) if at < self.count else (-1, None, ())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines in sight that are not as they were; this is called for every paint of any pane."""
        self._styles = {}
        return super().render_lines(crop)

    def _mix(self) -> None:
        """Work out what lines share, once for a paint: it costs more than a line."""
        self._plain = self.rich_style
        self._styles = {name: self._plain + style for name, style in rich_styles(self.app).items()}
        self._drawn = {y: drawn for y, drawn in self._drawn.items() if y < self.size.height}

    def render_line(self, y: int) -> Strip:
        """Draw one line in sight."""
        if not self._styles:
            self._mix()
        cells = self.size.width
        self._drawn[y] = at, tint, line = self._to_draw(y)
        if at < 0:
            return Strip.blank(cells, self._plain)
        if tint is None:
            strip = Strip([Segment(span(text)[0], self._styles[name]) for text, name in line])
            return strip.adjust_cell_length(cells, self._plain)
        told = self.get_component_rich_style(tint)
        under = self._plain + Style(bgcolor=told.bgcolor, reverse=told.reverse)
        own = rich_styles(self.app)
        if told.reverse:
            # A ground of many colours would be harder to read than one of none; what has one is turned back.
            own = {
                name: Style(bold=one.bold, underline=one.underline, reverse=False if one.bgcolor else None)
                for name, one in own.items()
            }
        strip = Strip([Segment(span(text)[0], under + own[name]) for text, name in line])
        return strip.adjust_cell_length(cells, under)

    def move_to(self, y: int) -> None:
        """Put the cursor on a line and bring it in sight."""
        self.cursor = max(0, min(y, self.count - 1))
        self.keep_in_sight(self.cursor)
        self.refresh()

    def keep_in_sight(self, y: int, margin: int = 0) -> None:
        """Scroll only as far as a line needs to be in sight."""
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if y - margin < top:
            self.scroll_to(y=max(y - margin, 0), animate=False, immediate=True)
        elif y + margin >= top + height:
            self.scroll_to(y=y + margin - height + 1, animate=False, immediate=True)

    def return_to(self, at: int | None, top: int | None, row: int) -> None:
        """Put the cursor on a line, `row` lines below the top if it was in sight; else the top is kept."""
        height = self.scrollable_content_region.height
        if at is not None:
            self.cursor = max(0, min(at, self.count - 1))
        if at is not None and 0 <= row < self._high:
            top = self.cursor - min(row, height - 1)
        if top is not None and top != self.scroll_offset.y:
            self.scroll_to(y=max(top, 0), animate=False, immediate=True)
        self._high = height
        self.refresh()

    def keep_cursor_in_sight(self) -> None:
        """Scroll to the cursor if it was in sight, and no more is as the pane became lower."""
        height = self.scrollable_content_region.height
        if height != self._high:
            if 0 <= self.cursor - self.scroll_offset.y < self._high:
                self.keep_in_sight(self.cursor)
            self._high = height

    def action_move(self, by: int) -> None:
        if self.moves_cursor:
            self.move_to(self.cursor + by)
        else:
            self.scroll_relative(y=by, animate=False, immediate=True)

    def action_move_page(self, by: int) -> None:
        self.action_move(by * max(self.scrollable_content_region.height - 1, 1))

    def action_move_to(self, y: int) -> None:
        target = y if y >= 0 else max(self.count - 1, 0)
        if self.moves_cursor:
            self.move_to(target)
        else:
            self.scroll_to(y=target, animate=False, immediate=True)

    def on_show(self) -> None:
        self.post_message(self.Reshaped())

    def watch_show_vertical_scrollbar(self) -> None:
        self.vertical_scrollbar.position = self.scroll_y  # nobody told it while it was hidden
        self.post_message(self.Reshaped())

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            if event.chain == 2 and event.y == 0:
                self.post_message(self.Widened(self))
            return
        y = offset.y + self.scroll_offset.y
        if y < self.count:
            self.post_message(self.Picked(self, y, offset.x))
