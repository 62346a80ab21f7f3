"""A host's folder: its root, with its state in small files that the lab's programs share."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from .scenario import Seed

_FOLDERS = (
    "root",
    "tmp",
    "run",
    "etc/yum.repos.d",
    "etc/apt/sources.list.d",
    "var/lib",
    "var/log",
    "var/backups",
)
_STATE = ("packages", "services", "repositories")


class Root(Struct, frozen=True):
    """One host's folder on this machine."""

    name: str
    path: Path

    @property
    def lab(self) -> Path:
        """The lab's own part of it: programs and state."""
        return self.path / "lab"

    def environment(self, shims: Path | None) -> dict[str, str]:
        """Return what commands start with. `shims` None: the host's root is the command's root."""
        if shims is None:
            own, home, more = "/lab/own:/lab/bin", "/root", {}
        else:
            own, home = f"{self.lab}/own:{shims}", f"{self.path}/root"
            more = {"LAB_ROOT": str(self.path), "LAB_HOST": self.name}
        path = f"{own}:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "HOME": home, "USER": "root", "LOGNAME": "root", "LANG": "C.UTF-8"} | more

    def make(self, seed: Seed, links: Mapping[str, str], hosts: str) -> None:
        """Write everything that is on the host at the start. A root that is there already is kept."""
        if self.lab.exists():
            return
        for folder in _FOLDERS:
            (self.path / folder).mkdir(parents=True, exist_ok=True)
        (self.path / "tmp").chmod(0o1777)
        for name, target in links.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).symlink_to(target)
        self._system(hosts)
        self._state(seed)
        for name, text in seed.files.items():
            file = self.path / name.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def _system(self, hosts: str) -> None:
        etc = self.path / "etc"
        (etc / "hostname").write_text(f"{self.name}\n")
        (etc / "hosts").write_text(hosts)
        (etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n")
        (etc / "group").write_text("root:x:0:\nnogroup:x:65534:\n")

    def _state(self, seed: Seed) -> None:
        state = self.lab / "state"
        for folder in _STATE:
            (state / folder).mkdir(parents=True)
        (state / "kernel").write_text(f"{seed.kernel}\n")
        for name, version in seed.packages.items():
            (state / "packages" / name).write_text(f"{version}\n")
        for name, words in seed.services.items():
            (state / "services" / name).write_text(f"{words}\n")
        for name, offered in seed.repositories.items():
            (state / "repositories" / name).mkdir()
            for package, version in offered.items():
                (state / "repositories" / name / package).write_text(f"{version}\n")
        own = self.lab / "own"
        own.mkdir()
        for name, script in seed.answers.items():
            first = "" if script.startswith("#!") else "#!/bin/sh\n"
            (own / name).write_text(f"{first}{script}\n", encoding="utf-8")
            (own / name).chmod(0o755)


def write_shims(folder: Path) -> None:
    """Copy the lab's programs out of the package: an installer may have dropped their execute bits."""
    folder.mkdir(exist_ok=True)
    for entry in files("gonogo.executors.lab").joinpath("shims").iterdir():
        if entry.is_file() and not entry.name.startswith("."):
            (folder / entry.name).write_bytes(entry.read_bytes())
            (folder / entry.name).chmod(0o755)
