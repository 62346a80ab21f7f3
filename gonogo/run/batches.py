"""Ordering hosts and cutting them into batches."""

from __future__ import annotations

import math
import random


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


def ordered(hosts: tuple[str, ...], how: str) -> tuple[str, ...]:
    """Return the hosts in the order that `order=` says; a shuffle is kept in the plan, so it is made once."""
    match how:
        case "reverse_inventory":
            return hosts[::-1]
        case "sorted" | "reverse_sorted":
            return tuple(sorted(hosts, reverse=how != "sorted"))
        case "shuffle":
            return tuple(random.sample(hosts, len(hosts)))
    return hosts
