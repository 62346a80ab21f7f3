"""Where the operator looks: another step, one host's output, a pane alone. None of it reaches the run."""

from __future__ import annotations

from ..widgets.checklist import Checklist
from ..widgets.output import Output
from ..widgets.pane import Pane
from ..widgets.wall import Wall
from .operating import Operating


class Moving(Operating):
    """The keys that only move."""

    def action_look(self, by: int) -> None:
        self.query_one(Checklist).action_move(by)

    def on_checklist_looked(self, event: Checklist.Looked) -> None:
        current = self.outline.current(self.link.state)
        here = (
            not self.before_start
            and current is not None
            and self.link.state.plan.turns[current].step == event.step
        )
        self.looking = None if here else event.step
        self.repaint()

    def action_home(self) -> None:
        self.looking = None
        output = self.query_one(Output)
        output.search("")
        output.mark("")
        self.repaint()

    def action_back(self) -> None:
        """Back out of one thing: search, only some lines or hosts, zoom, a host's stream, another step."""
        output = self.query_one(Output)
        if output.sought:
            output.mark("")
            if self.maximized is None:
                self.query_one(Checklist).focus()
        elif output.wanted:
            output.search("")
        elif self.query_one(Wall).wanted:
            self.query_one(Wall).narrow("")
        elif self.maximized is not None:
            self.minimize()
        elif output.host and len(self.link.state.turns[self.looked].hosts) > 1:
            output.open("")
        else:
            self.looking = None
        self.repaint()

    def action_bad(self, by: int) -> None:
        wall, output = self.query_one(Wall), self.query_one(Output)
        host = wall.next_bad(by, stay=not output.host)
        if host is None:
            self.tell("No failed host in this step.")
        else:
            self.open_host(host)

    def open_host(self, host: str) -> None:
        """Show one host's own output."""
        self.query_one(Output).open(host)
        self.repaint()

    def on_wall_chosen(self, event: Wall.Chosen) -> None:
        self.open_host(event.host)

    def on_output_chosen(self, event: Output.Chosen) -> None:
        self.open_host(event.host)

    def action_zoom(self) -> None:
        if self.maximized is not None:
            self.minimize()
        elif isinstance(self.focused, Pane):
            self.maximize(self.focused, container=False)
        self.touch()

    def on_pane_widened(self, event: Pane.Widened) -> None:
        event.pane.focus()
        self.action_zoom()

    def action_hop(self) -> None:
        """Give every pane and every step in sight a letter to go there by."""
        from .hop import Hop, Place

        checklist = self.query_one(Checklist)

        def look() -> list[Place]:
            panes = [one for one in self.query(Pane) if one.display and one.region.area and one.id]
            places = [Place(one.id or "", one.region.x + 1, one.region.y) for one in panes]
            if self.maximized is None:
                places += [Place(f"row {row}", x, y) for row, x, y in checklist.stops_in_sight()]
            return places

        def go(name: str | None) -> None:
            if name is not None and name.startswith("row "):
                checklist.look_at_row(int(name[4:]))
            elif name is not None:
                self.query_one(f"#{name}").focus()

        self.app.push_screen(Hop(look), go)
