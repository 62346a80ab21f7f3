"""OpenStack clouds: checks, snapshots, smoke tests and compute nodes over openstacksdk."""

from __future__ import annotations

from .executor import OpenStackExecutor

__all__ = ["OpenStackExecutor"]
