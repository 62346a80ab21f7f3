"""Checks and snapshots of a cloud."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from gonogo.executors.openstack.kinds import KINDS
from gonogo.executors.openstack.output import cell

from .asking import Asking
from .stub import SECRET, server, service

SERVICES = "/compute/v2.1/os-services"
SERVERS = "/compute/v2.1/servers/detail"


async def test_services_that_are_all_up_are_well(ask: Asking) -> None:
    """Each is a line, the last line counts them, and the exit code is 0."""
    ask.stub.lists[SERVICES] = ("services", [service("cp02"), service("cp01")])
    heard = await ask("services up binary=nova-compute count=2")
    assert heard.code == 0
    assert heard.out.splitlines() == [
        "binary=nova-compute host=cp01 zone=nova status=enabled state=up",
        "binary=nova-compute host=cp02 zone=nova status=enabled state=up",
        "2 of 2 services up",
    ]


async def test_a_service_that_is_down_is_named(ask: Asking) -> None:
    """The exit code is 1, so that the step fails or is tried again."""
    ask.stub.lists[SERVICES] = ("services", [service("cp01"), service("cp02", "down")])
    heard = await ask("services up")
    assert heard.code == 1
    assert "not up: binary=nova-compute host=cp02" in heard.err


async def test_filters_choose_by_any_column(ask: Asking) -> None:
    """Several patterns stand between commas; what does not fit plays no part."""
    ask.stub.lists[SERVICES] = (
        "services",
        [service("cp01"), service("cp02", "down"), service("ctl1", "down")],
    )
    assert (await ask("services up host=cp01,net*")).code == 0
    assert (await ask("services up host=cp*")).code == 1


async def test_nothing_found_is_no_proof(ask: Asking) -> None:
    """A filter with a slip in it must not pass; where none is expected, that is said."""
    ask.stub.lists[SERVICES] = ("services", [service("cp01")])
    assert (await ask("services up host=cp99")).code == 1
    assert (await ask("services up host=cp99 count=0")).code == 0
    assert (await ask("services up least=2")).code == 1


async def test_a_step_for_each_host_says_its_name(ask: Asking) -> None:
    """`$host` is the host that the script runs for."""
    ask.stub.lists[SERVICES] = ("services", [service("cp01"), service("cp02", "down")])
    heard = await ask("services up host=$host", "cp01", "cp02")
    assert {name: end.code for name, end in heard.ends.items()} == {"cp01": 0, "cp02": 1}


async def test_a_snapshot_is_the_same_in_any_order(ask: Asking) -> None:
    """Rows are sorted, and columns that change by themselves are not among them."""
    ask.stub.lists[SERVERS] = ("servers", [server(2), server(1)])
    before = await ask("snapshot servers")
    later = [{**server(1), "updated": "2026-02-02T00:00:00Z"}, server(2)]
    ask.stub.lists[SERVERS] = ("servers", later)
    after = await ask("snapshot servers")
    assert before.out == after.out
    assert before.out.endswith("\n2 servers\n")


async def test_a_snapshot_shows_what_is_asked_for(ask: Asking) -> None:
    """`ignore` takes columns out, `fields` names others, `mine` asks for one's own project alone."""
    ask.stub.lists[SERVERS] = ("servers", [server(1, name="a b")])
    assert (await ask("snapshot servers ignore=host,zone,flavor,project,id mine")).out.splitlines()[0] == (
        'name="a b" status=ACTIVE'
    )
    assert (await ask("snapshot servers fields=name,task_state")).out.splitlines()[
        0
    ] == 'name="a b" task_state=-'
    assert (await ask("snapshot servers fields=pets")).code == 2


async def test_ten_thousand_servers_come_in_pages(ask: Asking) -> None:
    """All are told, and the pages are asked for one after the other."""
    ask.stub.lists[SERVERS] = ("servers", [server(number) for number in range(10_000)])
    heard = await ask("snapshot servers fields=id,status")
    assert heard.out.count("\n") == 10_001
    assert heard.out.endswith("10000 servers\n")
    assert sum(path == SERVERS for _, path in ask.stub.asked) >= 10


async def test_names_from_the_cloud_cannot_draw_on_the_screen(ask: Asking) -> None:
    """A user calls a server what he likes: one line stays one line."""
    ask.stub.lists[SERVERS] = ("servers", [server(1, name='x\x1b[2J\nvm="y"')])
    heard = await ask("snapshot servers fields=name")
    assert heard.out.splitlines()[0] == 'name="x^[[2J^Jvm=\\"y\\""'


async def test_several_reads_are_made_at_once_and_told_in_order(ask: Asking) -> None:
    """Each is told under its own line; the worst of them is the exit code."""
    ask.stub.lists[SERVICES] = ("services", [service("cp01", "down")])
    ask.stub.lists[SERVERS] = ("servers", [server(1)])
    heard = await ask("snapshot servers fields=id\nservices up")
    assert heard.code == 1
    assert [line for line in heard.out.splitlines() if line.startswith("#")] == [
        "# snapshot servers fields=id",
        "# services up",
    ]


async def test_the_cloud_is_logged_in_to_once(ask: Asking) -> None:
    """A further block uses the token of the first."""
    ask.stub.lists[SERVICES] = ("services", [service("cp01")])
    for _ in range(3):
        assert (await ask("services up")).code == 0
    assert ask.stub.tokens == 1


async def test_each_endpoint_is_asked(ask: Asking) -> None:
    """An answer that refuses is one; an error of the server's, or none, is not."""
    faces = [("compute", f"{ask.stub.url}/compute/v2.1/%(tenant_id)s"), ("image", "http://127.0.0.1:9/")]
    ask.stub.lists["/identity/v3/services"] = ("services", [{"id": name, "type": name} for name, _ in faces])
    ask.stub.lists["/identity/v3/endpoints"] = (
        "endpoints",
        [{"id": name, "service_id": name, "interface": "public", "url": url} for name, url in faces],
    )
    heard = await ask("endpoints answer")
    assert heard.code == 1
    assert "1 of 2 endpoints answer" in heard.out
    assert "not answer: service=image" in heard.err
    assert (await ask("endpoints answer service=compute")).code == 0


async def test_limits_tell_what_is_used(ask: Asking) -> None:
    """A share that is reached is told, and is no success."""
    absolute = {"maxTotalInstances": 10, "totalInstancesUsed": 9, "maxTotalCores": -1, "totalCoresUsed": 50}
    ask.stub.answers["GET", "/compute/v2.1/limits"] = lambda _: (
        200,
        {"limits": {"absolute": absolute, "rate": []}},
    )
    ask.stub.services.remove("volumev3")
    assert (await ask("limits below=95%")).code == 0
    heard = await ask("limits below=90%")
    assert heard.code == 1
    assert "service=compute name=instances used=9 limit=10" in heard.out
    assert (await ask("limits below=much")).code == 2


async def test_a_password_is_covered_wherever_it_comes_back(ask: Asking) -> None:
    """A cloud that says it in an error does not get it into the record."""
    ask.stub.answers["GET", SERVICES] = lambda _: (400, {"badRequest": {"message": f"no {SECRET} here"}})
    heard = await ask("services up")
    assert heard.code == 3
    assert "no ******** here" in heard.err
    assert SECRET not in json.dumps([heard.out, heard.err])


async def test_servers_of_all_projects_are_asked_for_unless_one_wants_ones_own(ask: Asking) -> None:
    """A node with a stranger's server on it is not empty."""
    ask.stub.lists[SERVERS] = ("servers", [server(1)])
    for words, query in (
        ("snapshot servers", "all_tenants=True"),
        ("node empty host=cp01", "host=cp01&all_tenants=True"),
        ("snapshot servers mine", ""),
    ):
        await ask(words)
        assert ask.stub.queries[-1] == f"{SERVERS}?{query}"


async def test_pages_are_followed_wherever_a_service_puts_the_link(ask: Asking) -> None:
    """Keystone and Glance do it in ways of their own; only the query is taken from a link."""

    def pages(path: str, key: str, link: Any) -> None:
        replies = iter(
            [{key: [{"id": "1"}], **link("http://elsewhere.example/x?marker=1")}, {key: [{"id": "2"}]}]
        )
        ask.stub.answers["GET", path] = lambda _: (200, next(replies))

    pages("/identity/v3/projects", "projects", lambda href: {"links": {"next": href, "self": "x"}})
    pages("/image/v2/images", "images", lambda href: {"next": href})
    pages("/network/v2.0/ports", "ports", lambda href: {"ports_links": [{"rel": "next", "href": href}]})
    for kind in ("projects", "images", "ports"):
        heard = await ask(f"snapshot {kind} fields=id")
        assert heard.out.splitlines() == ["id=1", "id=2", f"2 {kind}"], heard
        assert ask.stub.queries[-1].endswith("?marker=1")


async def test_pages_without_an_end_are_told(ask: Asking) -> None:
    """A proxy that loses the marker is not followed for ever."""
    page = {"servers": [server(1)], "servers_links": [{"rel": "next", "href": "http://x/y?marker=1"}]}
    ask.stub.answers["GET", SERVERS] = lambda _: (200, page)
    heard = await ask("snapshot servers")
    assert heard.code == 3
    assert "the pages of /servers/detail do not end" in heard.err


LISTED = {
    "services": ("compute.v2.service.Service", "/compute/v2.1/os-services"),
    "volume-services": ("block_storage.v3.service.Service", "/volumev3/v3/os-services"),
    "hypervisors": ("compute.v2.hypervisor.Hypervisor", "/compute/v2.1/os-hypervisors"),
    "agents": ("network.v2.agent.Agent", "/network/v2.0/agents"),
    "servers": ("compute.v2.server.Server", SERVERS),
    "volumes": ("block_storage.v3.volume.Volume", "/volumev3/v3/volumes/detail"),
    "images": ("image.v2.image.Image", "/image/v2/images"),
    "networks": ("network.v2.network.Network", "/network/v2.0/networks"),
    "ports": ("network.v2.port.Port", "/network/v2.0/ports"),
    "routers": ("network.v2.router.Router", "/network/v2.0/routers"),
    "flavors": ("compute.v2.flavor.Flavor", "/compute/v2.1/flavors/detail"),
    "projects": ("identity.v3.project.Project", "/identity/v3/projects"),
    "users": ("identity.v3.user.User", "/identity/v3/users"),
    "roles": ("identity.v3.role.Role", "/identity/v3/roles"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"endpoints"}))
async def test_each_column_is_what_the_sdk_makes_of_it(ask: Asking, kind: str) -> None:
    """Of things that the SDK itself makes up, as its API would list them."""
    from openstack.test import fakes

    name, path = LISTED[kind]
    module, _, word = name.rpartition(".")
    resource = getattr(importlib.import_module(f"openstack.{module}"), word)
    made = [fakes.generate_fake_resource(resource) for _ in range(3)]
    # Lists of maps in the API; the SDK makes up words in them.
    lists: dict[str, Any] = {"fixed_ips": [], "attachments": []}
    ask.stub.lists[path] = (
        resource.resources_key,
        [one.to_dict(computed=False, original_names=True) | lists for one in made],
    )
    names = {column: key for column, key in KINDS[kind].columns.items() if isinstance(key, str)}
    hidden = ",".join(KINDS[kind].columns.keys() - names)
    heard = await ask(f"snapshot {kind}" + (f" ignore={hidden}" if hidden else ""))
    wanted = [
        " ".join(f"{column}={cell(getattr(one, key))}" for column, key in names.items()) for one in made
    ]
    assert sorted(heard.out.splitlines()[:-1]) == sorted(wanted), heard
