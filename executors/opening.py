"""Making an SSH connection with options that are ready.

asyncssh.connect works all options out anew for each connection: a tenth of the processor time of a login.
"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncssh

from .connection import Connection


async def opened(
    options: asyncssh.SSHClientConnectionOptions, client: asyncssh.SSHClient, way: Any, known_hosts: Any
) -> asyncssh.SSHClientConnection:
    """Connect and log in; raise what asyncssh raises. The options are for this connection alone.

    `way` is what asyncssh takes as a tunnel; None: it looks for one itself. It does all by itself, too, where
    ssh_config is to be read twice.
    """
    twice = bool(options.canonicalize_hostname or options.config.has_match_final())
    if way is None or twice:
        return await asyncssh.connect(
            options.orig_host,
            options=options,
            config=options.kwargs["config"] if twice else None,
            client_factory=lambda: client,
            known_hosts=known_hosts,
            tunnel=way,
            client_keys=options.client_keys,
            agent_identities=options.agent_identities,
            server_host_key_algs=options.server_host_key_algs,
        )
    loop = asyncio.get_running_loop()
    options.protocol_factory, options.known_hosts = lambda: client, known_hosts
    options.waiter = logged_in = loop.create_future()
    connection: Connection
    try:
        _, connection = await way.create_connection(
            lambda: Connection(loop, options), options.host, options.port
        )
    except BaseException:
        logged_in.cancel()
        raise
    connection.set_extra_info(host=options.host, port=options.port)
    try:
        await logged_in
    except BaseException:
        connection.abort()
        await connection.wait_closed()
        raise
    connection.settle()
    return connection
