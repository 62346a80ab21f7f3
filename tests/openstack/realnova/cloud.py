"""A real Nova in one process: API, conductor, scheduler and two computes with a driver that boots nothing.

    python cloud.py FOLDER PORT PLACEMENT-PORT URL

It runs in the virtualenv that has Nova and Placement. Messages go through oslo.messaging's `fake://`, so
all is one process; databases are SQLite. Identity, images and networks are at URL. It says `ready`, and
lives until its standard input ends.
"""

# mypy: ignore-errors
from __future__ import annotations

import nova.monkey_patch  # isort: skip  # before all else: it makes sockets and threads cooperative

import os
import sys
from pathlib import Path

import eventlet
import eventlet.wsgi
import nova.conf
import placement.wsgi
from nova import config, objects, service
from nova.cmd import manage
from oslo_log import log

NOVA = """[DEFAULT]
transport_url = fake://
compute_driver = fake.FakeDriver
state_path = {folder}
log_file = {folder}/nova.log
my_ip = 127.0.0.1
osapi_compute_listen = 127.0.0.1
osapi_compute_listen_port = {port}
[api]
auth_strategy = keystone
[keystone_authtoken]
auth_type = password
auth_url = {url}/identity
username = nova
password = nova
project_name = service
user_domain_id = default
project_domain_id = default
service_token_roles_required = false
[database]
connection = sqlite:///{folder}/cell1.db
[api_database]
connection = sqlite:///{folder}/api.db
[placement]
auth_type = admin_token
endpoint = http://127.0.0.1:{placement}
token = admin
[neutron]
auth_type = admin_token
endpoint = {url}/network
token = admin
[glance]
api_servers = {url}/image
[oslo_concurrency]
lock_path = {folder}
[oslo_policy]
enforce_scope = false
enforce_new_defaults = false
"""
PLACEMENT = """[DEFAULT]
log_file = {folder}/placement.log
[api]
auth_strategy = noauth2
[placement_database]
connection = sqlite:///{folder}/placement.db
sync_on_startup = true
"""


def main() -> None:
    """Set it up, start it, say so, and wait."""
    folder, port, placement_port, url = sys.argv[1:]
    words = {"folder": folder, "port": port, "placement": placement_port, "url": url}
    for name, text in (("nova", NOVA), ("placement", PLACEMENT)):
        Path(folder, f"{name}.conf").write_text(text.format(**words))
    os.environ["OS_PLACEMENT_CONFIG_DIR"] = folder
    listener = eventlet.listen(("127.0.0.1", int(placement_port)))
    eventlet.spawn(eventlet.wsgi.server, listener, placement.wsgi.init_application(), log_output=False)
    config.parse_args(["nova", f"--config-file={folder}/nova.conf"])
    log.setup(nova.conf.CONF, "nova")
    objects.register_all()
    cells = manage.CellV2Commands()
    manage.ApiDbCommands().sync()
    cells.map_cell0(f"sqlite:///{folder}/cell0.db")
    manage.DbCommands().sync()
    cells.create_cell("cell1", f"sqlite:///{folder}/cell1.db", "fake:///")
    run(cells)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    eventlet.tpool.execute(sys.stdin.read)


def run(cells: manage.CellV2Commands) -> None:
    """Start all services."""
    for host, binary in (
        ("control01", "nova-conductor"),
        ("control01", "nova-scheduler"),
        ("cp01", "nova-compute"),
        ("cp02", "nova-compute"),
    ):
        nova.conf.CONF.set_override("host", host)
        service.Service.create(host=host, binary=binary).start()
    cells.discover_hosts()
    service.WSGIService("osapi_compute", use_ssl=False).start()


main()
