"""Git repositories for tests: honest, signed, and full of traps."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_AUTHOR_DATE": "2026-03-01T10:00:00+0100",
    "GIT_COMMITTER_NAME": "Carl",
    "GIT_COMMITTER_EMAIL": "carl@example.org",
    "GIT_COMMITTER_DATE": "2026-03-02T10:00:00+0000",
}
HOOKS = "pre-commit post-checkout post-index-change reference-transaction fsmonitor-watchman post-rewrite"


def git(folder: Path, *words: str) -> str:
    """Run git as somebody with no settings of their own; return what it prints."""
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def make(folder: Path, files: dict[str, str], *words: str) -> Path:
    """Make a repository with one commit of `files`; `words` go to `git init`."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main", *words)
    write(folder, files)
    commit(folder)
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files, with the folders that they need."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def commit(folder: Path, *words: str) -> str:
    """Commit everything; return the commit's id."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Work", *words)
    return git(folder, "rev-parse", "HEAD")


def key(folder: Path, name: str) -> Path:
    """Make an SSH key without a passphrase; return its private part."""
    made = folder / name
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(made)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    return made


def signed(private: Path) -> tuple[str, ...]:
    """Words before `commit` that make git sign with an SSH key."""
    return ("-c", "gpg.format=ssh", "-c", f"user.signingKey={private}.pub", "-c", "commit.gpgSign=true")


def trap(folder: Path, marks: Path) -> None:
    """Set everything that a repository can name to a program that leaves a mark."""
    marks.mkdir()
    program = marks.parent / "trap"
    # The mark is named after how the program was called.
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{marks}/$$"\nexit 0\n')
    program.chmod(0o755)
    inside = folder / ".git"
    for name in HOOKS.split():
        (inside / "hooks").mkdir(exist_ok=True)
        (inside / "hooks" / name).unlink(missing_ok=True)
        (inside / "hooks" / name).symlink_to(program)
    (folder / ".gitattributes").write_text("* filter=x diff=x merge=x text=auto\n")
    (inside / "info").mkdir(exist_ok=True)
    (inside / "info" / "attributes").write_text("* filter=x diff=x\n")
    (inside / "more").write_text(_settings(program))
    with (inside / "config").open("a") as config:
        config.write(_settings(program))
        config.write(f'[include]\n path = more\n[includeIf "gitdir:/"]\n path = {inside / "more"}\n')


def _settings(program: Path) -> str:
    commands = "cat-file config rev-list rev-parse diff status log ls-tree hash-object symbolic-ref"
    lines = [f" {name} = {program}" for name in commands.split()]
    return "\n".join(
        [
            "[core]", f" fsmonitor = {program}", f" hooksPath = {program.parent}", f" sshCommand = {program}",
            f" pager = {program}", f" editor = {program}", f" askPass = {program}", f" gitProxy = {program}",
            f" alternateRefsCommand = {program}", " untrackedCache = true", " autocrlf = true",
            "[diff]", f" external = {program}",
            '[diff "x"]', f" textconv = {program}", f" command = {program}",
            '[filter "x"]', f" clean = {program}", f" smudge = {program}", f" process = {program}",
            " required = true",
            '[merge "x"]', f" driver = {program} %A",
            "[gpg]", f" program = {program}", " format = ssh",
            '[gpg "ssh"]', f" program = {program}", f" defaultKeyCommand = {program}",
            " allowedSignersFile = .git/allowed",
            '[gpg "openpgp"]', f" program = {program}",
            "[credential]", f" helper = !{program}",
            "[log]", " showSignature = true",
            "[pager]", *lines,
            "[alias]", *[line.replace("= ", "= !") for line in lines],
            "[uploadpack]", f" packObjectsHook = {program}",
            "[protocol]", " allow = always",
            '[remote "origin"]', f" url = ext::{program}", f" uploadpack = {program}", f" vcs = {program}",
            " promisor = true", " partialclonefilter = blob:none",
            "[extensions]", " partialClone = origin", "[core]", " repositoryformatversion = 1",
            "",
        ]
    )  # fmt: skip
