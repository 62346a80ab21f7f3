"""Cutting hosts into batches."""

from __future__ import annotations

import math


def cut(hosts: tuple[str, ...], ramp: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Cut hosts into batches; the ramp's last size repeats. A share is of all hosts, at least one."""
    if not ramp:
        return (hosts,)
    batches, at, number = [], 0, 0
    while at < len(hosts):
        size = ramp[min(number, len(ramp) - 1)]
        count = math.ceil(len(hosts) * float(size[:-1]) / 100) if size.endswith("%") else int(size)
        batches.append(hosts[at : at + max(count, 1)])
        at += max(count, 1)
        number += 1
    return tuple(batches)
