"""Commands that only look: is it up, what is there, how much is left."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from .cloud import Cloud
from .kinds import KINDS, Row, fits, rows, servers
from .language import Ask
from .output import Control, Out, row
from .trouble import told

One = TypeVar("One")
Result = TypeVar("Result")
AT_ONCE = 8
"""Requests at once to one cloud."""
_TEMPLATE = re.compile(r"[/_A-Z]*[%$]\(.*")
_PERCENT = re.compile(r"([0-9]{1,3})%?\Z")


def snapshot(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Say all of a kind, one a line, in an order that does not change."""
    name = ask.name.removeprefix("snapshot ")
    found = rows(cloud.connection, name, ask, control)
    for one in found:
        out.row(one)
    out.line(f"{len(found)} {name}")
    return 0


def well(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Say the state of each, and whether all are well and as many as expected."""
    name = ask.name.partition(" ")[0]
    found = rows(cloud.connection, name, ask, control)
    return verdict(ask, out, found, KINDS[name].well or (lambda _: True))


def verdict(ask: Ask, out: Out, found: Sequence[Row], good: Callable[[Row], bool]) -> int:
    """Say all rows and what is wrong with them; return 0 when nothing is."""
    bad = [one for one in found if not good(one)]
    for one in found:
        out.row(one)
    right = len(found) - len(bad)
    noun, _, wanted = ask.name.partition(" ")
    out.line(f"{right} of {len(found)} {noun} {wanted}")
    for one in bad:
        out.trouble(f"not {wanted}: {row(one)}")
    count, least = ask.whole("count"), ask.whole("least")
    if count is not None and right != count:
        out.trouble(f"{right} {noun} {wanted}, where {count} were expected")
        return 1
    if right < (least or 0):
        out.trouble(f"{right} {noun} {wanted}, where at least {least} were expected")
        return 1
    if not found and count is None and least is None:
        out.trouble(f"there are no such {noun}: without any there is nothing to trust")
        return 1
    return 1 if bad else 0


def endpoints(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Ask each address of the catalogue, without a token: any answer but an error of the server's counts."""
    catalogue = rows(cloud.connection, "endpoints", ask, control)
    session = cloud.connection.session

    def answered(one: Row) -> Row:
        # What stands for a project in an address is no part of the service's own.
        url = _TEMPLATE.sub("", str(one["url"]))
        try:
            reply = session.get(url, authenticated=False, raise_exc=False, redirect=False, connect_retries=0)
        except Exception as error:
            return {**one, "answer": told(error)}
        return {**one, "answer": reply.status_code}

    found = together(answered, catalogue, control)
    found = [{key: one[key] for key in ("service", "interface", "region", "url", "answer")} for one in found]
    return verdict(ask, out, found, lambda one: isinstance(one["answer"], int) and one["answer"] < 500)


def limits(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Say what is used of the project's limits, and whether all are below a share."""
    compute = cloud.connection.compute.get_limits().absolute
    found = [
        _used("compute", name, getattr(compute, f"{name}_used"), getattr(compute, name))
        for name in ("instances", "total_cores", "total_ram", "server_groups")
    ]
    if cloud.connection.has_service("block-storage"):
        volume = cloud.connection.block_storage.get_limits().absolute
        found += [
            _used("volume", "volumes", volume.total_volumes_used, volume.max_total_volumes),
            _used("volume", "gigabytes", volume.total_gigabytes_used, volume.max_total_volume_gigabytes),
            _used("volume", "snapshots", volume.total_snapshots_used, volume.max_total_snapshots),
        ]
    for one in found:
        out.row(one)
    share = _share(ask)
    full = [one for one in found if share is not None and _full(one, share)]
    for one in full:
        out.trouble(f"not below {share}%: {row(one)}")
    return 1 if full else 0


def _used(service: str, name: str, used: object, most: object) -> Row:
    return {"service": service, "name": name.removeprefix("total_"), "used": used, "limit": most}


def _full(one: Row, share: int) -> bool:
    used, most = one["used"], one["limit"]
    return isinstance(used, int) and isinstance(most, int) and most >= 0 and used * 100 >= most * share


def _share(ask: Ask) -> int | None:
    text = ask.options.get("below")
    if text is None:
        return None
    match = _PERCENT.fullmatch(text)
    if match is None:
        raise ask.wrong(f"below={text} is no share", "Write below=90%.")
    return int(match[1])


def quotas(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Say each quota of a project, service by service."""
    connection = cloud.connection
    project = ask.options.get("project") or connection.current_project_id
    if "project" in ask.options:
        project = connection.identity.find_project(project, ignore_missing=False).id
    sources = {
        "compute": connection.compute,
        "volume": connection.block_storage,
        "network": connection.network,
    }
    types = {"volume": "block-storage"}
    said = 0
    for service, proxy in sources.items():
        if not connection.has_service(types.get(service, service)):
            continue
        control.look()
        body = proxy.get_quota_set(project) if service != "network" else proxy.get_quota(project)
        for name, most in sorted(body.to_dict(computed=False, original_names=False).items()):
            if isinstance(most, int) and not isinstance(most, bool):
                out.row({"service": service, "name": name, "limit": most})
                said += 1
    out.line(f"{said} quotas")
    return 0


def instances(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Say the servers on a host: what would have to go elsewhere."""
    _listed(cloud, ask, out, control)
    return 0


def empty(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Say the servers on a host, and whether there is none."""
    return 1 if _listed(cloud, ask, out, control) else 0


def _listed(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    found = on_host(cloud, ask, control)
    for one in found:
        out.row(one)
    out.line(f"{len(found)} servers on {ask.options['host']}")
    return len(found)


def on_host(cloud: Cloud, ask: Ask, control: Control) -> list[Row]:
    """Return the servers on the host that the command names."""
    host = ask.options["host"]
    found_all = servers(cloud.connection, all_projects=True, host=host)
    # The filter is the administrator's; where it is not honoured, all come.
    here = (one for one in control.each(found_all) if one.compute_host in (host, None))
    found: Iterable[Row] = ({"id": one.id, "name": one.name, "status": one.status} for one in here)
    return sorted((one for one in found if fits(one, ask)), key=lambda one: str(one["id"]))


def together(do: Callable[[One], Result], items: Sequence[One], control: Control) -> list[Result]:
    """Return what `do` makes of each item, in order, several at once; raise the first error.

    The threads hold nobody up: one that hangs in a request is left to its request's end.
    """
    found: dict[int, Result] = {}
    errors: list[Exception] = []
    waiting: queue.SimpleQueue[tuple[int, One]] = queue.SimpleQueue()
    over: queue.SimpleQueue[None] = queue.SimpleQueue()
    for numbered in enumerate(items):
        waiting.put(numbered)

    def work() -> None:
        try:
            while not errors:
                number, item = waiting.get_nowait()
                control.look()
                found[number] = do(item)
        except queue.Empty:
            pass
        except Exception as error:
            errors.append(error)
        finally:
            over.put(None)

    threads = min(AT_ONCE, len(items))
    for _ in range(threads):
        threading.Thread(target=work, daemon=True).start()
    for _ in range(threads):
        over.get()
    if errors:
        raise errors[0]
    return [found[number] for number in range(len(items))]


def state_of(connection: Any, host: str) -> Row:
    """Return a compute service's row."""
    service = next(iter(connection.compute.services(host=host, binary="nova-compute")), None)
    if service is None:
        return {}
    return {
        "host": service.host,
        "status": service.status,
        "state": service.state,
        "reason": service.disabled_reason,
    }
