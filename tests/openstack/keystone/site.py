"""A Keystone of its own on loopback, set up as a small site would: virtualenvs, sqlite, uwsgi."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import random
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

PASSWORD = "of-the-test-alone"
_CONF = """[DEFAULT]
log_file = {site}/keystone.log
use_stderr = false
[database]
connection = sqlite:///{site}/keystone.db
[fernet_tokens]
key_repository = {site}/fernet
[credential]
key_repository = {site}/credential
"""
_UWSGI = """[uwsgi]
http-socket = 127.0.0.1:{port}
wsgi-file = {site}/current/bin/{program}
env = OS_KEYSTONE_CONFIG_FILES={site}/keystone.conf
add-header = Connection: close
post-buffering = 65536
master = true
processes = 2
lazy-apps = true
enable-threads = true
thunder-lock = true
die-on-term = true
pidfile = {site}/keystone.pid
daemonize = {site}/uwsgi.log
"""


@dataclass(frozen=True)
class Site:
    """Where it is."""

    folder: Path
    venvs: Path
    port: int

    def manage(self, *words: str) -> str:
        """Run the installed release's keystone-manage; return what it prints."""
        program = self.folder / "current" / "bin" / "keystone-manage"
        done = subprocess.run(
            [program, "--config-file", self.folder / "keystone.conf", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    def uwsgi(self, *words: str) -> None:
        """Run the installed uwsgi."""
        program = self.folder / "current" / "bin" / "uwsgi"
        subprocess.run([program, *words], check=False, capture_output=True)

    def stop(self) -> None:
        """Stop it, if it runs."""
        if (self.folder / "keystone.pid").exists():
            self.uwsgi("--stop", str(self.folder / "keystone.pid"))

    @property
    def environment(self) -> dict[str, str]:
        """What names it to a client."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        return {**kept, "OS_CLIENT_CONFIG_FILE": str(self.folder / "clouds.yaml"), "OS_CLOUD": "site"}


def build(folder: Path, venvs: Path) -> Site:
    """Set up the old release, start it and put something into it."""
    port = free_port()
    folder.mkdir()
    site = Site(folder, venvs, port)
    (folder / "current").symlink_to(venvs / "2023.1")
    (folder / "keystone.conf").write_text(_CONF.format(site=folder))
    program = "keystone-wsgi-public"
    (folder / "uwsgi.ini").write_text(_UWSGI.format(site=folder, port=port, program=program))
    (folder / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"site": _cloud(port)}}))
    site.manage("db_sync")
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    for what in ("fernet_setup", "credential_setup"):
        site.manage(what, "--keystone-user", user, "--keystone-group", group)
    url = f"http://127.0.0.1:{port}/v3"
    faces = [word for face in ("admin", "public", "internal") for word in (f"--bootstrap-{face}-url", url)]
    site.manage("bootstrap", "--bootstrap-password", PASSWORD, "--bootstrap-region-id", "RegionOne", *faces)
    site.uwsgi("--ini", str(folder / "uwsgi.ini"))
    try:
        subprocess.run([sys.executable, "-c", _FILL], check=True, env=site.environment, timeout=60)
    except BaseException:
        site.stop()
        raise
    return site


def free_port() -> int:
    """Return a free port that no client on this machine is given by chance, until the server has it."""
    while True:
        port = random.randrange(20_000, 30_000)
        with contextlib.suppress(OSError), socket.socket() as free:
            free.bind(("127.0.0.1", port))
            return port


def _cloud(port: int) -> dict[str, object]:
    auth = {"auth_url": f"http://127.0.0.1:{port}/v3", "username": "admin", "password": PASSWORD}
    names = {"project_name": "admin", "user_domain_id": "default", "project_domain_id": "default"}
    return {"auth": auth | names, "region_name": "RegionOne"}


_FILL = """
import time, keystoneauth1.exceptions, openstack
for attempt in range(300):
    try:
        cloud = openstack.connect()
        cloud.authorize()
        break
    except Exception:
        time.sleep(0.1)
def made(create, name):
    # uwsgi may drop a connection; then it is tried again, and what is there by then is found.
    while True:
        try:
            return create(name=name, domain_id="default")
        except openstack.exceptions.ConflictException:
            return None
        except keystoneauth1.exceptions.ConnectFailure:
            time.sleep(0.1)
for number in range(5):
    made(cloud.identity.create_project, f"project{number}")
    made(cloud.identity.create_user, f"user{number}")
"""


if __name__ == "__main__":
    made = build(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute())
    sys.stdout.write(
        f"Keystone 2023.1 serves on port {made.port} until `kill -INT $(cat {made.folder}/keystone.pid)`\n"
    )
