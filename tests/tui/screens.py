"""A run at each of its telling moments and kinds of question, by name."""

from __future__ import annotations

from . import gates, story

SCENES = story.SCENES | {f"gate-{name}": scene for name, scene in gates.SCENES.items()}
