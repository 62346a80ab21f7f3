"""What the inventory says of the way to a host."""

from __future__ import annotations

import pytest

from gonogo.errors import ExecutorError
from gonogo.executors.route import Route, hop, route


def test_variables() -> None:
    """Ansible's variables come first, then what the executor was made with."""
    given = {
        "ansible_host": "10.0.0.1",
        "ansible_port": "2200",
        "ansible_user": "op",
        "ansible_ssh_private_key_file": "/k",
    }
    assert route("a", given, "other", ("/mine",)) == Route("10.0.0.1", 2200, "op", ("/k",))
    assert route("a", {}, "other", ("/mine",)) == Route("a", None, "other", ("/mine",))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("-o ProxyJump=b -p 22 -i /k", Route("a", 22, None, ("/k",), jump="b")),
        ("-J me@b:2222,c", Route("a", jump="me@b:2222,c")),
        ("-oUser=x -p2200", Route("a", 2200, "x")),
        ("-o 'UserKnownHostsFile /a /b'", Route("a", known_hosts=("/a", "/b"))),
        ("-o StrictHostKeyChecking=yes", Route("a")),
    ],
)
def test_ssh_arguments(arguments: str, expected: Route) -> None:
    """The options that are understood, in each way to write them."""
    assert route("a", {"ansible_ssh_common_args": arguments}, None, ()) == expected


@pytest.mark.parametrize(
    "variables",
    [
        {"ansible_host": "-oProxyCommand=id"},
        {"ansible_host": "a;id"},
        {"ansible_host": "$(id)"},
        {"ansible_host": "a b"},
        {"ansible_user": "-l"},
        {"ansible_user": "x`id`"},
        {"ansible_port": "x"},
        {"ansible_port": "0"},
        {"ansible_port": "65536"},
        {"ansible_ssh_common_args": "-o StrictHostKeyChecking=no"},
        {"ansible_ssh_common_args": "-o ProxyCommand='nc %h %p'"},
        {"ansible_ssh_common_args": "-F /x"},
        {"ansible_ssh_common_args": "-o"},
        {"ansible_ssh_common_args": "-o 'x"},
        {"ansible_ssh_extra_args": "-o Tunnel=yes"},
    ],
)
def test_what_cannot_be_honoured_is_refused(variables: dict[str, str]) -> None:
    """Nothing is ignored, and no name can become an option or a command."""
    with pytest.raises(ExecutorError):
        route("a", variables, None, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b", Route("b")),
        ("me@b:22", Route("b", 22, "me")),
        ("ssh://me@b:22", Route("b", 22, "me")),
        ("[::1]:2200", Route("::1", 2200)),
        ("corp@me@b", Route("b", None, "corp@me")),
    ],
)
def test_jump_hosts(text: str, expected: Route) -> None:
    """A hop is written as for ssh."""
    assert hop(text) == expected
