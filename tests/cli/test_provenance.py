"""Where a runbook comes from: what git says, and that opening a hostile repository runs nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gonogo.cli.starting.provenance import provenance
from gonogo.provenance import lines
from gonogo.provenance.address import without_secrets
from tests.program import ran

from . import repository
from .repository import commit, git, key, make, signed, trap, write

RUNBOOK = "---\ngonogo: 1\ntitle: Look\ninventory: hosts.ini\n---\n\n# Look\n\n```sh {no-rollback=none}\ntrue\n```\n"
FILES = {"books/look.md": RUNBOOK, "books/hosts.ini": "[web]\nweb1\n", "README.md": "hello\n"}
GONOGO = Path(sys.executable).parent / "gonogo"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator with no settings of git."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path / "home"


@pytest.fixture
def repo(tmp_path: Path, home: Path) -> Path:
    """A repository with one commit."""
    return make(tmp_path / "cloud", FILES)


def _look(repo: Path, *sources: str, **more: Any) -> dict[str, Any]:
    found = [(str(repo / name), (repo / name).read_bytes()) for name in sources]
    return provenance(repo / "books/look.md", found, **more)


def test_a_clean_runbook_has_commit_branch_and_author(repo: Path) -> None:
    """Commit, branch, remote and the file's last author are what git says; nothing is dirty."""
    git(repo, "remote", "add", "origin", "https://ann:secret@git.example.org/cloud.git?token=x")
    first = git(repo, "rev-parse", "HEAD")
    write(repo, {"README.md": "more\n"})
    last = commit(repo, "--author=Bob <bob@example.org>")
    found = _look(repo, "books/look.md", "books/hosts.ini")
    assert found["commit"] == last
    assert found["branch"] == "main"
    assert found["path"] == "books/look.md"
    assert found["repository"] == "https://git.example.org/cloud.git"
    assert found["author"] == "Ann <ann@example.org>"
    assert found["authored"] == "2026-03-01T10:00:00+01:00"
    assert found["authored_in"] == first
    assert (found["dirty"], found["changes"], found["elsewhere"]) == (False, (), ())
    assert found["signature"]["status"] == "none"
    assert lines(found) == [
        f"origin: https://git.example.org/cloud.git, books/look.md, commit {last[:12]} on main",
        "not signed",
        f"last changed by Ann <ann@example.org>, 2026-03-01 10:00:00 +01:00, in {first[:12]}",
        "all its files in the repository are as in the commit",
    ]


def test_a_file_on_its_own_is_said_to_be_outside_git(tmp_path: Path) -> None:
    """No repository: one plain sentence, and nothing else is claimed."""
    (tmp_path / "look.md").write_text(RUNBOOK)
    found = provenance(tmp_path / "look.md")
    assert found == {"absent": "it is outside any git repository"}
    assert lines(found) == ["origin: not known from git: it is outside any git repository"]


def test_changes_are_shown_as_differences(repo: Path, tmp_path: Path) -> None:
    """Changed and new files of the run show what is different; other files of the repository do not count."""
    (tmp_path / "far.ini").write_text("web9\n")
    write(repo, {"books/look.md": RUNBOOK.replace("true", "false"), "books/new.md": "a\nb\x1b[31m\n"})
    write(repo, {"README.md": "changed too, and no part of the run\n"})
    found = _look(repo, "books/look.md", "books/new.md", "books/hosts.ini", "../far.ini")
    changed, new = found["changes"]
    assert changed["difference"].startswith("--- books/look.md\n+++ books/look.md\n@@ -7,5 +7,5 @@")
    assert "\n-true\n+false\n" in changed["difference"]
    assert (changed["state"], changed["added"], changed["removed"], changed["cut"]) == (
        "changed",
        1,
        1,
        False,
    )
    assert (new["state"], new["added"]) == ("new", 2)
    assert "\x1b" not in new["difference"]
    assert found["dirty"] is True
    assert found["elsewhere"] == (str(repo / "../far.ini"),)
    assert lines(found)[3:] == [
        "CHANGED since the commit: books/look.md (+1 -1 lines)",
        "NOT IN THE COMMIT: books/new.md",
        f"not in this repository: {repo}/../far.ini",
    ]


def test_a_long_difference_is_cut(repo: Path) -> None:
    """All differences together stay below a limit; what is cut says so."""
    write(repo, {"books/look.md": "x\n" * 100_000, "books/hosts.ini": "y\n" * 100_000})
    found = _look(repo, "books/look.md", "books/hosts.ini")
    assert [change["cut"] for change in found["changes"]] == [True, True]
    assert sum(len(change["difference"]) for change in found["changes"]) < 70_000
    assert "more than +" in lines(found)[3]


def test_other_line_ends_are_no_change(repo: Path) -> None:
    """A checkout with CRLF holds what the commit holds."""
    (repo / "books/look.md").write_bytes(RUNBOOK.replace("\n", "\r\n").encode())
    assert _look(repo, "books/look.md")["dirty"] is False


@pytest.mark.parametrize(
    "kind", ["detached", "worktree", "sha256", "packed", "shared", "shallow", "linked", "foreign"]
)
def test_every_form_of_repository_is_read(tmp_path: Path, home: Path, kind: str) -> None:
    """A detached head, a linked work tree, SHA-256, packed references, shared objects, a link to the file."""
    repo = make(tmp_path / "cloud", FILES, *(["--object-format=sha256"] if kind == "sha256" else []))
    last = git(repo, "rev-parse", "HEAD")
    path = repo / "books/look.md"
    match kind:
        case "detached":
            git(repo, "checkout", "-q", "--detach")
        case "worktree":
            git(repo, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "topic"))
            path = tmp_path / "topic/books/look.md"
        case "packed":
            git(repo, "pack-refs", "--all")
            git(repo, "gc", "-q")
        case "shared":
            git(tmp_path, "clone", "-q", "--shared", str(repo), "copy")
            alternates = tmp_path / "copy/.git/objects/info/alternates"
            alternates.write_text("../../../cloud/.git/objects\n")
            path = tmp_path / "copy/books/look.md"
        case "shallow":
            commit(repo, "--allow-empty")
            git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", "copy")
            last = git(repo, "rev-parse", "HEAD")
            path = tmp_path / "copy/books/look.md"
        case "foreign" if os.geteuid() == 0:
            # Git itself refuses what another user owns; here nothing of it is run, whoever owns it.
            for folder, _, names in os.walk(repo):
                for name in (".", *names):
                    os.chown(os.path.join(folder, name), 65534, 65534, follow_symlinks=False)
        case "linked":
            path = tmp_path / "here.md"
            path.symlink_to(repo / "books/look.md")
    found = provenance(path)
    assert found["commit"] == last
    assert found["branch"] == {"detached": "", "worktree": "topic"}.get(kind, "main")
    assert found["author"] == "Ann <ann@example.org>"
    assert found["dirty"] is False
    assert ("on no branch (detached)" in lines(found)[0]) == (kind == "detached")


def test_an_ssh_signature_is_checked_against_allowed_signers(tmp_path: Path, home: Path) -> None:
    """Nobody's, the repository's own and the operator's allowed signers lead to three different sentences."""
    private = key(tmp_path, "ann")
    line = f'ann@example.org namespaces="git" {private.with_suffix(".pub").read_text()}'
    repo = make(tmp_path / "cloud", FILES)
    git(repo, *signed(private), "commit", "-q", "--allow-empty", "-m", "signed\n\ngpgsig in the text")
    found = _look(repo)["signature"]
    assert (found["status"], found["principal"]) == ("unknown-signer", "")
    assert re.fullmatch(r"SHA256:[\w+/]{43}", found["key"])
    write(repo, {"books/keys": line})
    git(repo, "add", "-A")
    git(repo, *signed(private), "commit", "-q", "-m", "keys")
    assert _look(repo)["signature"]["status"] == "unknown-signer"
    found = _look(repo, allowed_signers="keys")
    assert (found["signature"]["status"], found["signature"]["signers"]) == ("good", "books/keys")
    assert "the repository's own books/keys; nobody else vouches" in lines(found)[1]
    (home / "allowed").write_text(line)
    (home / ".gitconfig").write_text('[gpg "ssh"]\n allowedSignersFile = ~/allowed\n')
    found = _look(repo)
    assert found["signature"]["signers"] == "operator"
    assert lines(found)[1].startswith("signed by ann@example.org (SHA256:")


def test_a_key_counts_that_was_valid_when_the_commit_was_made(tmp_path: Path, home: Path) -> None:
    """As in git: a key that has expired since still vouches, one that was not yet valid does not."""
    private = key(tmp_path, "ann")
    repo = make(tmp_path / "cloud", FILES)
    git(repo, *signed(private), "commit", "-q", "--allow-empty", "-m", "signed")
    (home / ".gitconfig").write_text('[gpg "ssh"]\n allowedSignersFile = ~/allowed\n')
    public = private.with_suffix(".pub").read_text()
    (home / "allowed").write_text(f'ann valid-before="20260401" {public}')
    assert _look(repo)["signature"]["status"] == "good"
    (home / "allowed").write_text(f'ann valid-after="20260401" {public}')
    assert _look(repo)["signature"]["status"] == "unknown-signer"


def test_a_signature_of_something_else_is_bad(tmp_path: Path, home: Path) -> None:
    """A signature that was made for another commit, and one that is none, are called bad."""
    private = key(tmp_path, "ann")
    repo = make(tmp_path / "cloud", FILES)
    git(repo, *signed(private), "commit", "-q", "--allow-empty", "-m", "signed")
    raw = git(repo, "cat-file", "commit", "HEAD")
    for forged in (raw + " and more", re.sub(r"(?m)^ U1NI.*$", " AAAA", raw)):
        (tmp_path / "raw").write_text(forged + "\n")
        name = git(repo, "hash-object", "-t", "commit", "-w", "--literally", str(tmp_path / "raw"))
        git(repo, "update-ref", "refs/heads/main", name)
        found = _look(repo)
        assert found["signature"]["status"] == "bad"
        assert lines(found)[1].startswith("BAD SIGNATURE")


@pytest.mark.parametrize(("word", "said"), [("PGP SIGNATURE", "OpenPGP"), ("SIGNED MESSAGE", "X.509")])
def test_other_signatures_are_said_to_be_unchecked(repo: Path, tmp_path: Path, word: str, said: str) -> None:
    """OpenPGP and X.509 signatures are named and not checked: that would run other programs."""
    raw = git(repo, "cat-file", "commit", "HEAD")
    head, _, message = raw.partition("\n\n")
    text = f"{head}\ngpgsig -----BEGIN {word}-----\n \n abc\n -----END {word}-----\n\n{message}\n"
    (tmp_path / "raw").write_text(text)
    name = git(repo, "hash-object", "-t", "commit", "-w", str(tmp_path / "raw"))
    git(repo, "update-ref", "refs/heads/main", name)
    found = _look(repo)
    assert found["signature"]["status"] == "unchecked"
    assert lines(found)[1] == f"signed with {said}, not checked"


def test_an_object_that_lies_about_its_name_is_found(repo: Path, tmp_path: Path) -> None:
    """Git takes a loose object on trust; here a runbook under another's name is no clean runbook."""
    blob = git(repo, "rev-parse", "HEAD:books/look.md")
    other = git(repo, "hash-object", "-w", str(repo / "README.md"))
    objects = repo / ".git/objects"
    target = objects / blob[:2] / blob[2:]
    target.unlink()
    target.write_bytes((objects / other[:2] / other[2:]).read_bytes())
    write(repo, {"books/look.md": "hello\n"})
    assert _look(repo, "books/look.md") == {"absent": f"object {blob} is not what its name says"}


def test_a_missing_object_is_not_fetched(repo: Path, tmp_path: Path) -> None:
    """What a partial clone lacks stays missing, and that is said."""
    trap(repo, tmp_path / "marks")
    blob = git(repo, "-c", "alias.rev-parse=", "rev-parse", "HEAD:books/look.md")
    (repo / ".git/objects" / blob[:2] / blob[2:]).unlink()
    write(repo, {"books/look.md": "other\n"})
    for mark in (tmp_path / "marks").iterdir():
        mark.unlink()
    assert _look(repo, "books/look.md") == {"absent": f"object {blob} is missing"}
    assert list((tmp_path / "marks").iterdir()) == []


@pytest.mark.parametrize("kind", ["empty", "reftable", "head", "head-fifo", "config", "author", "gitdir"])
def test_broken_and_odd_repositories_end_in_a_sentence(tmp_path: Path, home: Path, kind: str) -> None:
    """No commit, an unknown form, garbage and a FIFO: a sentence, never an exception."""
    repo = tmp_path / "cloud"
    if kind == "empty":
        repo.mkdir()
        git(repo, "init", "-q")
        write(repo, FILES)
    else:
        make(repo, FILES)
    inside = repo / ".git"
    match kind:
        case "reftable":
            with (inside / "config").open("a") as config:
                config.write("[extensions]\n refStorage = reftable\n")
        case "head":
            (inside / "HEAD").write_text("ref: ../../../../etc/passwd\n")
        case "head-fifo":
            (inside / "HEAD").unlink()
            os.mkfifo(inside / "HEAD")
        case "config":
            (inside / "config").write_text("[" * 10_000)
        case "author":
            raw = git(repo, "cat-file", "commit", "HEAD").replace("+0100", "+9999")
            (tmp_path / "raw").write_text(raw + "\n")
            name = git(repo, "hash-object", "-t", "commit", "-w", "--literally", str(tmp_path / "raw"))
            git(repo, "update-ref", "refs/heads/main", name)
        case "gitdir":
            git(repo, "worktree", "add", "-q", str(tmp_path / "tree"))
            (tmp_path / "tree/.git").write_bytes(b"gitdir: \xff\0\n")
            repo = tmp_path / "tree"
    found = provenance(repo / "books/look.md")
    assert all(line.isprintable() for line in lines(found))
    assert bool(found["absent"]) == (kind not in ("config", "author"))


def test_a_record_from_elsewhere_cannot_break_the_lines() -> None:
    """Missing, mistyped and hostile values of an old trail still give printable lines."""
    for odd in ({}, {"commit": 5}, {"commit": "a\x1b[2J\n", "signature": [], "changes": [1, {"path": []}]}):
        assert all(line.isprintable() for line in lines(odd))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:token@git.x/a.git", "https://git.x/a.git"),
        ("https://token@git.x:8443/a?private_token=1#f", "https://git.x:8443/a"),
        ("https://user:pa/ss@git.x/a", "https://…"),
        ("https://user:pa?ss@git.x/a", "https://…"),
        ("https://user:pa#ss@git.x/a", "https://…"),
        ("ssh://git@git.x:22/a", "ssh://git@git.x:22/a"),
        ("ssh://git:pw@git.x/a", "ssh://git.x/a"),
        ("ssh://git@[::1]:22/a", "ssh://git@[::1]:22/a"),
        ("git@git.x:a/b.git", "git@git.x:a/b.git"),
        ("git:pw@git.x:a/b.git", "git.x:a/b.git"),
        ("ext::sh -c 'curl -u me:pw x'", "ext::…"),
        ("/srv/git/a.git", "/srv/git/a.git"),
        ("../a", "../a"),
        ("https://x\x1b]0;a", "https://…"),
    ],
)
def test_addresses_are_shown_without_secrets(url: str, shown: str) -> None:
    """User names of web addresses, passwords, tokens and commands are left out."""
    assert without_secrets(url) == shown


@pytest.fixture
def hostile(repo: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A trapped repository, and gonogo called by somebody who stands in it, without a terminal."""
    trap(repo, tmp_path / "marks")
    python = f"open({str(tmp_path / 'marks' / 'python')!r}, 'w').write(__name__)\n"
    for name in (
        "click",
        "yaml",
        "json",
        "asyncssh",
        "sitecustomize",
        "gonogo/__init__",
        "encodings/__init__",
    ):
        write(repo / "books", {f"{name}.py": python})
    (tmp_path / "sockets").mkdir(mode=0o700)

    def gonogo(*words: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        env = {
            **{name: value for name, value in os.environ.items() if name not in repository.ENVIRONMENT},
            "GONOGO_RUNS": str(tmp_path / "runs"),
            "XDG_RUNTIME_DIR": str(tmp_path / "sockets"),
            "TERM": "dumb",
        }
        return ran(*before, GONOGO, *words, cwd=repo / "books", env=env)

    return gonogo


def test_the_traps_are_real(hostile: object, repo: Path, tmp_path: Path) -> None:
    """Git itself, and a Python that looks for modules where it stands, do run what lies there."""
    for words in (["git", "status"], ["git", "diff"], [sys.executable, "-m", "gonogo", "--version"]):
        where = repo / "books"
        subprocess.run(
            words, cwd=where, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
        )
    assert len(list((tmp_path / "marks").iterdir())) >= 3


@pytest.mark.parametrize(("words", "code"), [("check", 0), ("show", 0), ("show --json", 0), ("run", 3)])
def test_opening_a_runbook_of_a_hostile_repository_runs_nothing(
    hostile: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, words: str, code: int
) -> None:
    """Hooks, filters, drivers, helpers, aliases and modules lie ready; up to the first gate none is touched."""
    done = hostile(*words.split(), "look.md")
    assert done.returncode == code, done.stdout + done.stderr
    assert sorted(mark.read_text() for mark in (tmp_path / "marks").iterdir()) == []


def test_only_known_programs_are_run_before_the_first_gate(
    hostile: Callable[..., subprocess.CompletedProcess[str]],
    repo: Path,
    tmp_path: Path,
    need: Callable[[str, str], str],
) -> None:
    """The system's own account: Python, git, ssh-keygen and a shell's syntax check, nothing of the repository."""
    words = (need("strace", "strace"), "-f", "-qq", "-e", "trace=execve", "-o", str(tmp_path / "calls"))
    private = key(tmp_path, "ann")
    with (repo / ".git/config").open("w") as config:
        config.write("[core]\n repositoryformatversion = 0\n")
    git(repo, *signed(private), "commit", "-q", "--allow-empty", "-m", "signed")
    done = hostile("run", "look.md", before=words)
    assert done.returncode == 3, done.stderr
    calls = re.findall(
        r'execve\("([^"]+)", \["[^\]]*\]?.* = 0$', (tmp_path / "calls").read_text(), re.MULTILINE
    )
    assert {re.sub(r"python3?(\.\d+)?$", "python", Path(call).name) for call in calls} <= {
        "python", "gonogo", "git", "ssh-keygen", "bash", "sh", "shellcheck", "lsb_release", "uname",
    }  # fmt: skip
    assert {"git", "ssh-keygen"} <= {Path(call).name for call in calls}
    assert not [call for call in calls if call.startswith(str(repo))]


def test_a_program_that_a_runbook_names_as_its_inventory_is_not_run(
    hostile: Callable[..., subprocess.CompletedProcess[str]], repo: Path, tmp_path: Path
) -> None:
    """An executable inventory runs only when the operator names it."""
    (repo / "books/hosts.ini").write_text(f"#!{tmp_path / 'trap'}\n")
    (repo / "books/hosts.ini").chmod(0o755)
    done = hostile("check", "look.md")
    assert done.returncode == 2
    assert "a program that a document names is not run" in done.stdout
    assert list((tmp_path / "marks").iterdir()) == []
