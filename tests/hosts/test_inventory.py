"""Inventories: what is read, and what is refused with its place."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gonogo.errors import InventoryError
from gonogo.hosts import load_inventory
from gonogo.hosts.ini import _words
from gonogo.hosts.names import Refused

from .conftest import Load


def test_one_line_stands_for_many_hosts(load: Load) -> None:
    """Ranges keep their zeros, take strides and letters, multiply, and a port holds for all."""
    found = load("web[08:12:2].x\n[r]\nr[a:b]-n[1:2]:2222 user=ops\n[2001:db8::1]:22\n")
    assert list(found.hosts) == [
        "web08.x", "web10.x", "web12.x", "ra-n1", "ra-n2", "rb-n1", "rb-n2", "2001:db8::1",
    ]  # fmt: skip
    assert found.hosts["rb-n2"].vars == {"ansible_port": "2222", "user": "ops"}


def test_values_stay_as_written_and_lists_become_json(load: Load) -> None:
    """Scalars keep their spelling, lists and maps become JSON, null becomes empty."""
    text = "all:\n  hosts:\n    a: {n: 0022, b: yes, l: [1, '1', no], m: {k: 1.5}, e: , q: 'x y'}\n"
    assert load(text, "i.yml").hosts["a"].vars == {
        "n": "0022", "b": "yes", "l": '[1, "1", false]', "m": '{"k": 1.5}', "e": "", "q": "x y",
    }  # fmt: skip
    assert load("a n=0022 b=yes l=\"[1, '1']\" e='' q='x y'\n").hosts["a"].vars == {
        "n": "0022", "b": "yes", "l": '[1, "1"]', "e": "", "q": "x y",
    }  # fmt: skip


def test_every_byte_that_was_read_is_kept(load: Load, tmp_path: Path) -> None:
    """Sources name each file with its exact bytes, group_vars included."""
    found = load("a\r\n", beside={"group_vars/all": "x: 1\n"})
    assert dict(found.sources) == {
        str(tmp_path / "hosts"): (tmp_path / "hosts").read_bytes(),
        str(tmp_path / "group_vars/all"): b"x: 1\n",
    }


def test_a_later_inventory_comes_over_an_earlier(tmp_path: Path) -> None:
    """Several inventories make one; the last word on a variable counts."""
    for name, value in (("one", "1"), ("two", "2")):
        (tmp_path / name).write_text(f"[g]\na x={value}\nonly-{name}\n")
    found = load_inventory([tmp_path / "one", str(tmp_path / "two")])
    assert found.hosts["a"].vars == {"x": "2"}
    assert found.groups["g"] == ("a", "only-one", "only-two")


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("a\n[web:children]\nnone\n", ":3:1:", "the group 'none' is not defined"),
        ("a\n  [web:vars]\nx=1\n", ":2:3:", "the group 'web' is not defined"),
        ("[a:children]\nb\n[b:children]\na\n", ":", "contain each other"),
        ("[web\n", ":1:1:", "a bracket that is no range"),
        ("[web servers]\n", ":1:1:", "is no section"),
        ("[web:host]\n", ":1:1:", "is no section"),
        ("a x\n", ":1:3:", "'x' is no variable"),
        ("a x='1\n", ":1:1:", "no closing quotation"),
        ("\n\na[1:\n", ":3:1:", "a bracket that is no range"),
        ("a[01:100]\n", ":1:1:", "pads its ends differently"),
        ("a[5:1]\n", ":1:1:", "is empty"),
        ("a[1:9:0]\n", ":1:1:", "is empty"),
        ("a[1:999999999]\n", ":1:1:", "more than 200000 hosts"),
        ("a[1:1000][1:1000]\n", ":1:1:", "more than 200000 hosts"),
        ("a[1:150000]\nb[1:150000]\n", ":2:1:", "more than 200000 hosts"),
        ("b\na:\n", ":2:1:", "has no port"),
        ("a:99999\n", ":1:1:", "99999 is no port"),
        ("a:b:c\n", ":1:1:", "no IPv6 address"),
        ("-oProxyCommand=x\n", ":1:1:", "begins with a dash"),
        ('"a b"\n', ":1:1:", "holds ' '"),
        ("a;reboot\n", ":1:1:", "holds ';'"),
        ("'$(reboot)'\n", ":1:1:", "holds '$'"),
        ("'a\x1b[31m'\n", ":1:1:", "bracket"),
        ("a\u202eb\n", ":1:1:", "invisible"),
        ("a" * 256 + "\n", ":1:1:", "1 to 255 characters"),
        ("a\n[all:vars]\nx='\\ud800'\n", ":3:1:", "half a character"),
        ("a 'x=1\n", ":1:1:", "closing quotation"),
        ("a\n[all:vars]\n=1\n", ":3:1:", "is no variable"),
        ("x=1\n", ":1:1:", "holds '='"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6638\n", ":1:1:", "encrypted by ansible-vault"),
        ("[/opt/x]\n", ":1:1:", "no group name: it holds '/'"),
        ("[-oProxyCommand=x]\n", ":1:1:", "begins with '-'"),
        ("[we'b]\na\n", ":1:1:", "holds \"'\""),
        ("/opt/x\n", ":1:1:", "holds '/'"),
        ("a ansible_host=-oProxyCommand=x\n", ":1:3:", "no host's address"),
        ("a  'ansible_host=b c'\n", ":1:4:", "no host's address"),
        ("a x=1 ansible_port=22:22\n", ":1:7:", "'22:22' is no port"),
        ("a\n[all:vars]\nansible_user = $(id)\n", ":3:1:", "no user's name"),
        ("", ":", "no hosts"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_ini_inventory_is_named_with_its_place(
    load: Load, tmp_path: Path, text: str, place: str, what: str
) -> None:
    """The error begins with the file and, where there is one, the line; a mend stands below."""
    with pytest.raises(InventoryError) as caught:
        load(text)
    assert caught.value.what.startswith(f"{tmp_path / 'hosts'}{place}")
    assert what in caught.value.what
    assert caught.value.mend
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", ":", "is empty"),
        ("[1]\n", ":1:1:", "map of groups"),
        ("all: [a]\n", ":1:1:", "must be a map"),
        ("all:\n  hosts: [a, b]\n", ":2:3:", "must be a map"),
        ("all:\n  host: {a: }\n", ":2:3:", "unknown key 'host'"),
        ("all:\n  hosts:\n    a: 1\n", ":3:5:", "must be a map"),
        ("all:\n  hosts:\n    a:\n    'b c':\n", ":4:5:", "holds ' '"),
        ("all:\n  hosts:\n    'b\\0[1:2]':\n    \"b\\0[1:2]\":\n", ":3:5:", "holds"),
        ("all:\n  hosts:\n    a:\n    a:\n", ":4:5:", "stands twice"),
        ("all:\n  hosts: &x\n    a:\n", ":2:10:", "anchors"),
        ("all:\n  vars:\n    x: !!python/object:os.system 1\n", ":3:8:", "the tag"),
        ("all:\n  vars:\n    x: !vault |\n      $ANSIBLE_VAULT;1.1\n", ":3:8:", "ansible-vault"),
        ("all:\n\thosts:\n", ":2:1:", "no YAML"),
        ("a: " + "[" * 60 + "]" * 60, ":1:53:", "deeper than 50"),
        ("[" * 100_000, ":1:51:", "deeper than 50"),
        ("a: {children: {b: {children: {a: }}}}\n", ":1:", "contain each other"),
        ("all:\n  vars: {ansible_group_priority: high}\n", ":1:1:", "ansible_group_priority"),
        ("plugin: openstack.cloud.openstack\n", ":1:1:", "plugin"),
        ("all:\n  children:\n    'a:b':\n", ":3:5:", "no group name"),
        ('all:\n  hosts:\n    "a\\nb":\n', ":3:5:", "holds '^J'"),
        ('all:\n  hosts:\n    "a\\x1bb":\n', ":3:5:", "holds '^['"),
        ("all:\n  hosts:\n    a:\n      x: 1\n      ansible_port: 22:22\n", ":5:7:", "'22:22' is no port"),
        ("all:\n  hosts:\n    a:\n  vars:\n    ansible_user: -oX\n", ":5:5:", "no user's name"),
    ],
)
def test_a_mistake_in_a_yaml_inventory_is_named_with_its_place(
    load: Load, tmp_path: Path, text: str, place: str, what: str
) -> None:
    """Hostile and wrong YAML alike end in one error with file, line and column."""
    with pytest.raises(InventoryError) as caught:
        load(text, "i.yml")
    assert caught.value.what.startswith(f"{tmp_path / 'i.yml'}{place}")
    assert what in caught.value.what
    assert caught.value.mend


def test_many_groups_in_each_other_are_refused_quickly(load: Load) -> None:
    """A chain of thousands of groups is an error, not a crash; a lattice of them is no work without end."""
    chain = "".join(f"[g{i}:children]\ng{i + 1}\n" for i in range(3000)) + "[g3000]\na\n"
    with pytest.raises(InventoryError, match="nested deeper than 100"):
        load(chain)
    lattice = "".join(f"[{s}{i}:children]\nl{i + 1}\nr{i + 1}\n" for i in range(60) for s in "lr")
    assert load(lattice + "[l60]\na\n[r60]\nb\n").groups["l0"] == ("a", "b")


def test_a_mistake_in_group_vars_has_its_place_and_a_template_waits(load: Load, tmp_path: Path) -> None:
    """A port that is none is an error where it stands; what a template will give is not judged."""
    beside = {"group_vars/all.yml": "x: 1\nansible_port: 0\n"}
    with pytest.raises(InventoryError, match=r"group_vars/all\.yml:2:1: ansible_port: '0' is no port"):
        load("a\n", beside=beside)
    found = load("a\n", beside={"group_vars/all.yml": "ansible_host: '{{ net | ip }}'\n"})
    assert found.hosts["a"].vars["ansible_host"] == "{{ net | ip }}"


@pytest.mark.parametrize("kind", ["missing", "binary", "latin", "pipe", "toml", "vars"])
def test_what_is_no_inventory_is_said_plainly(tmp_path: Path, kind: str) -> None:
    """A missing, binary, wrongly encoded or special file, TOML and broken group_vars are errors with a mend."""
    path = tmp_path / ("i.toml" if kind == "toml" else "i")
    match kind:
        case "binary":
            path.write_bytes(b"\x7fELF\0\0")
        case "latin":
            path.write_bytes(b"a\nb # gr\xfcn\n")
        case "pipe":
            os.mkfifo(path)
        case "toml":
            path.write_text("[all]\n")
        case "vars":
            path.write_text("a\n")
            (tmp_path / "group_vars").mkdir()
            (tmp_path / "group_vars" / "all.yml").write_text("- x\n")
    with pytest.raises(InventoryError) as caught:
        load_inventory([path])
    assert str(tmp_path) in caught.value.what
    assert caught.value.mend
    if kind == "latin":
        assert "i:2:7:" in caught.value.what


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    """A linked folder is read like any other; one that leads back to itself is an error."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "hosts").write_text("a\n")
    (tmp_path / "inv").mkdir()
    (tmp_path / "inv" / "linked").symlink_to(tmp_path / "real")
    assert list(load_inventory([tmp_path / "inv"]).hosts) == ["a"]
    (tmp_path / "real" / "back").symlink_to(tmp_path / "inv")
    with pytest.raises(InventoryError, match="links back"):
        load_inventory([tmp_path / "inv"])


def _program(path: Path, prints: str) -> Path:
    path.write_text(
        f"#!{sys.executable}\nimport sys\nassert sys.argv[1:] == ['--list']\nprint('''{prints}''')\n"
    )
    path.chmod(0o755)
    return path


def test_a_program_named_on_the_command_line_is_run(tmp_path: Path) -> None:
    """Its JSON gives groups, children and host variables, and is kept as the source."""
    printed = (
        '{"web": {"hosts": ["a", "b"], "vars": {"x": [1]}}, "top": {"children": ["web"]},'
        ' "_meta": {"hostvars": {"a": {"port": 22}}}}'
    )
    found = load_inventory([_program(tmp_path / "inv", printed)], run_programs=True)
    assert found.groups["top"] == ("a", "b")
    assert found.hosts["a"].vars == {"x": "[1]", "port": "22"}
    assert found.sources == ((f"{tmp_path / 'inv'} --list", printed.encode() + b"\n"),)


def test_a_program_inside_a_folder_is_not_run(tmp_path: Path) -> None:
    """Only what is named is run; a folder's program is an error that says so."""
    _program(tmp_path / "inv", '{"_meta": {}}')
    with pytest.raises(InventoryError, match="in a folder of inventories is not run"):
        load_inventory([tmp_path], run_programs=True)


def test_a_program_that_a_document_names_is_not_run(tmp_path: Path) -> None:
    """Unless the operator names it, a program is an error that says how to have it run."""
    path = tmp_path / "inv"
    path.write_text(f"#!/bin/sh\ntouch {tmp_path / 'mark'}\n")
    path.chmod(0o755)
    with pytest.raises(InventoryError, match="that a document names is not run") as caught:
        load_inventory([path])
    assert "-i" in caught.value.mend
    assert not (tmp_path / "mark").exists()


def test_a_program_that_prints_without_end_is_ended(tmp_path: Path) -> None:
    """Its output is bounded, and a child of it that would hold the pipe open goes with it."""
    path = tmp_path / "inv"
    path.write_text("#!/bin/sh\nsleep 1000 &\nexec cat /dev/zero\n")
    path.chmod(0o755)
    with pytest.raises(InventoryError, match="printed more than 64 MiB"):
        load_inventory([path], run_programs=True)


def test_what_only_ansible_reads_needs_it_and_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plugins, vaults and TOML: for a document refused, without Ansible refused with what to install."""
    path = tmp_path / "i.yml"
    path.write_text("plugin: constructed\n")
    with pytest.raises(InventoryError) as caught:
        load_inventory([path])
    assert "-i" in caught.value.mend
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InventoryError) as caught:
        load_inventory([path], run_programs=True)
    assert caught.value.what.startswith(f"{path}:1:1: ")
    assert "pip install ansible-core" in caught.value.mend


@pytest.mark.parametrize(
    ("printed", "what"),
    [
        ("no json", "no JSON"),
        ("[]", "must be an object"),
        ('{"web": ["a"]}', "no `_meta`"),
        ('{"_meta": [], "web": ["a"]}', "must be an object"),
        ('{"_meta": {}, "web": {"hosts": "a"}}', "lists of names"),
        ('{"_meta": {}, "web": {"hosts": [1]}}', "lists of names"),
        ('{"_meta": {}, "web": ["-a"]}', "begins with a dash"),
        ('{"_meta": {}, "web": ["a"], "web": ["b"]}', "stands twice"),
        ('{"_meta": {"hostvars": {"a": 1}}, "web": ["a"]}', "must be an object"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_what_a_program_prints_is_not_trusted(tmp_path: Path, printed: str, what: str) -> None:
    """Output of the wrong shape is an error that names the program."""
    with pytest.raises(InventoryError) as caught:
        load_inventory([_program(tmp_path / "inv", printed)], run_programs=True)
    assert what in caught.value.what
    assert caught.value.what.startswith(f"{tmp_path / 'inv'} --list")


def test_a_failing_program_is_an_error_with_its_words(tmp_path: Path) -> None:
    """Exit code and standard error are shown; a plain file that is marked executable is just read."""
    path = tmp_path / "inv"
    path.write_text("#!/bin/sh\necho no token >&2\nexit 3\n")
    path.chmod(0o755)
    with pytest.raises(InventoryError, match="exit code 3: no token"):
        load_inventory([path], run_programs=True)
    plain = tmp_path / "plain"
    plain.write_text("web1\n")
    plain.chmod(0o755)
    assert list(load_inventory([plain], run_programs=True).hosts) == ["web1"]
    assert list(load_inventory([plain]).hosts) == ["web1"]


def test_hosts_command_prints_what_a_pattern_means(tmp_path: Path) -> None:
    """`gonogo hosts` prints folded names and a count, a list, or JSON; a mistake ends with 2."""
    (tmp_path / "i").write_text("[web]\nweb[1:3]\n")

    def gonogo(*arguments: str) -> tuple[int, str, str]:
        call = [sys.executable, "-m", "gonogo", "hosts", *arguments, "-i", str(tmp_path / "i")]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert gonogo("web") == (0, "web[1-3]\n3 hosts\n", "")
    assert gonogo("web:!web2", "--list") == (0, "web1\nweb3\n", "")
    as_json = '{"pattern": "web[0:1]", "count": 2, "hosts": ["web1", "web2"], "folded": "web[1-2]"}\n'
    assert gonogo("web[0:1]", "--json") == (0, as_json, "")
    code, _, said = gonogo("wbe")
    assert code == 2
    assert "Did you mean 'web'?" in said


@given(st.text("ab =#'\"\\\t\u00a0", max_size=12))
@example("a\\")
@example('a\'b\'"c\\"\\n"\\ d#e')
def test_a_line_is_split_as_a_shell_would(line: str) -> None:
    """Quotes, backslashes and comments are those of Python's shlex, which Ansible uses."""
    try:
        expected = shlex.split(line, comments=True)
    except ValueError:
        with pytest.raises(Refused):
            _words(line)
    else:
        assert [word for word, _ in _words(line)] == expected


def test_a_short_file_cannot_fill_the_memory(load: Load) -> None:
    """Many hosts with many variables each share them; hosts in too many groups are an error."""
    found = load("a[1:100000]\n[all:vars]\n" + "".join(f"v{n}=1\n" for n in range(20_000)))
    assert len(found.hosts["a100000"].vars) == 20_000
    nested = "[g]\na[1:100000]\n" + "".join(f"[p{n}:children]\ng\n" for n in range(300))
    with pytest.raises(InventoryError, match="more than 20,000,000 times"):
        load(nested)


def test_one_long_line_is_read_in_time(load: Load) -> None:
    """A quoted value of ten million letters is a value."""
    assert len(load(f'a x="{"y" * 10_000_000}"\n').hosts["a"].vars["x"]) == 10_000_000


def test_an_inventory_of_many_large_files_is_refused(tmp_path: Path) -> None:
    """Each file may be 16 MiB, all together 64."""
    for name in range(5):
        (tmp_path / str(name)).write_bytes(f"h{name}\n#{'x' * ((16 << 20) - 10)}\n".encode())
    with pytest.raises(InventoryError, match="more than 64 MiB"):
        load_inventory([tmp_path])


def test_a_long_mistake_is_shown_in_short(load: Load) -> None:
    """Of a line of a million letters the error shows the beginning."""
    for text in (
        "[" + "a b" * 300_000 + "]\n",
        "a " + "b" * 1_000_000 + "\n",
        "[g:children]\n" + "a b" * 300_000,
    ):
        with pytest.raises(InventoryError) as caught:
            load(text)
        assert len(str(caught.value)) < 1000
