"""Keys that edit take effect in the order in which they come, however fast that is."""

from __future__ import annotations

from textual import events
from textual.widget import Widget


async def at_once(field: Widget, event: events.Key) -> None:
    """Do at once what a key does in a text field; letters are the field's own.

    The toolkit has it come by way of the app, behind letters that were typed after it: what a slow line hands
    over together, `1`, `2`, backspace, `3`, became `12` instead of `13`.
    """
    if event.is_printable:
        return
    active = field.screen.active_bindings.get(event.key)
    if active is not None and active.node is field and active.enabled:
        event.stop()
        event.prevent_default()
        await field.run_action(active.binding.action)
