"""One connection to a cloud of clouds.yaml, kept for the run; openstacksdk is loaded when first needed.

Loading it takes 0.75 s and 50 MB, so it happens in the thread that asks, never on the event loop.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from gonogo.errors import ExecutorError
from gonogo.text import clean_line

REQUEST = 30.0
"""Seconds that one request may take, unless the step says `connect-timeout`."""
RETRIES = 1
"""How often a connection that was refused or cut is tried again."""
_OWN = frozenset({"OS_CLOUD", "OS_REGION_NAME", "OS_CLIENT_CONFIG_FILE"})
_HIDDEN = ("password", "secret", "token", "passcode")
_NOISY = ("keystoneauth", "keystoneauth1", "openstack", "stevedore", "urllib3", "os_client_config")
_PLACES = "clouds.yaml is looked for here, in ~/.config/openstack and in /etc/openstack."
_MISSING = "`pip install openstacksdk` where gonogo is installed brings it."


class Cloud(Struct, frozen=True):
    """A cloud that can be asked."""

    name: str
    region: str
    connection: Any
    secrets: tuple[str, ...] = ()
    """What stands in clouds.yaml and may never be shown."""

    def __repr__(self) -> str:
        return f"Cloud({self.name!r}, {self.region!r})"

    @property
    def shown(self) -> str:
        """Its name and region, for a person."""
        return clean_line(f"{self.name} ({self.region})" if self.region else self.name)


class Clouds:
    """The connections of one executor; many threads may share them."""

    def __init__(self) -> None:
        self._made: dict[tuple[tuple[str, str], ...], Cloud] = {}
        self._lock = threading.Lock()

    def of(self, values: Mapping[str, str], request: float | None = None) -> Cloud:
        """Return the cloud that `OS_…` values and the environment name; raise what keeps it from being had.

        `request` is the seconds that one request may take.
        """
        named = {name: value for name, value in values.items() if name.startswith("OS_")}
        key = (*sorted(named.items()), ("", str(request)))
        with self._lock:
            if key not in self._made:
                self._made[key] = connect(named, request)
            return self._made[key]

    def close(self) -> None:
        """Close what is open."""
        for cloud in self._made.values():
            cloud.connection.close()
        self._made.clear()


def connect(values: Mapping[str, str], request: float | None = None) -> Cloud:
    """Return a cloud; nothing is asked of it yet."""
    openstack, config_module = _sdk()
    file = values.get("OS_CLIENT_CONFIG_FILE") or os.environ.get("OS_CLIENT_CONFIG_FILE")
    if file and not os.path.isfile(file):
        raise ExecutorError(f"there is no {clean_line(file)}", "Mend OS_CLIENT_CONFIG_FILE.")
    config = config_module.OpenStackConfig(
        config_files=[file] if file else _found("clouds"), secure_files=_found("secure"), app_name="gonogo"
    )
    name = values.get("OS_CLOUD") or os.environ.get("OS_CLOUD") or _only(config, values)
    known = _known(config)
    if name and name not in known:
        shown = clean_line(", ".join(known)) or "none"
        where = clean_line(config.config_filename or "clouds.yaml (it is nowhere)")
        raise ExecutorError(
            f"there is no cloud {clean_line(name)!r} in {where}",
            f"Known there: {shown}. {_PLACES}",
        )
    region = values.get("OS_REGION_NAME") or os.environ.get("OS_REGION_NAME") or _region(config, name)
    auth = {key[3:].lower(): value for key, value in values.items() if key not in _OWN}
    found = config.get_one(
        cloud=name or None,
        region_name=region or None,
        api_timeout=request or REQUEST,
        connect_retries=RETRIES,
        auth=auth,
    )
    # A cloud whose requests never end would hold the run.
    connection = openstack.connection.Connection(config=found)
    return Cloud(
        name or "(environment)", str(found.region_name or ""), connection, tuple(_secrets(found.config))
    )


def _found(name: str) -> list[str]:
    """Return where a file of this name may be. The SDK would take the folder that it was loaded in."""
    own = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    folders = (os.getcwd(), os.path.join(own, "openstack"), "/etc/openstack")
    return [os.path.join(folder, f"{name}.{end}") for folder in folders for end in ("yaml", "yml", "json")]


def _sdk() -> tuple[Any, Any]:
    """Load the SDK; what it would print itself (which would tear the screen) goes nowhere."""
    for name in _NOISY:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", module=r"(openstack|keystoneauth1|urllib3)\b")
    try:
        return importlib.import_module("openstack"), importlib.import_module("openstack.config")
    except ImportError as error:
        raise ExecutorError(f"openstacksdk is missing: {clean_line(str(error))}", _MISSING) from None


def _only(config: Any, values: Mapping[str, str]) -> str:
    """Return the one cloud that there is, or nothing where the environment says it all."""
    if "OS_AUTH_URL" in values or "OS_AUTH_URL" in os.environ:
        return ""
    known = _known(config)
    if len(known) == 1:
        return str(known[0])
    if not known:
        mend = f"{_PLACES} OS_CLIENT_CONFIG_FILE names another."
        raise ExecutorError("there is no clouds.yaml that names a cloud", mend)
    shown = clean_line(", ".join(known))
    raise ExecutorError(
        f"no cloud is chosen, and there are {shown}", "Set OS_CLOUD, or write env=OS_CLOUD=name."
    )


def _known(config: Any) -> list[str]:
    """Return the clouds that a file names; without one the SDK makes one up."""
    return [str(name) for name in config.get_cloud_names()] if config.config_filename else []


def _region(config: Any, cloud: str) -> str:
    """Return nothing where there is no choice; raise where there is one that nobody made."""
    regions = (config.cloud_config.get("clouds", {}).get(cloud) or {}).get("regions") or []
    names = [str(one.get("name") if isinstance(one, dict) else one) for one in regions]
    if len(names) < 2:
        return ""
    shown = clean_line(", ".join(names))
    raise ExecutorError(
        f"cloud {clean_line(cloud)!r} has the regions {shown}, and none is chosen",
        "Set OS_REGION_NAME, or write env=OS_REGION_NAME=name; one step each asks all.",
    )


def _secrets(config: Mapping[str, Any]) -> Iterator[str]:
    for key, value in (config.get("auth") or {}).items():
        if any(word in key for word in _HIDDEN) and isinstance(value, str) and len(value) > 3:
            yield value
