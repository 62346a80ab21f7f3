"""A fleet for rehearsals: named hosts with state of their own, over real SSH on loopback."""

from __future__ import annotations

from .client import Lab, start

__all__ = ["Lab", "start"]
