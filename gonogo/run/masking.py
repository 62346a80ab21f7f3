"""The secrets that a run holds in memory, and their masking in texts that are written down."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from gonogo.trail.redact import Redactor


class Secrets:
    """Values of secret inputs by name, and the password for sudo. More may be added while the run goes on."""

    def __init__(self, values: Mapping[str, str], become_password: str | None = None) -> None:
        self.values = dict(values)
        self.become_password = become_password
        self._redactor = Redactor(self.all())

    def add(self, name: str, value: str) -> None:
        """Hold one more."""
        self.values[name] = value
        self._redactor = Redactor(self.all())

    def all(self) -> list[str]:
        """Return everything that must be masked."""
        return [*self.values.values(), *([self.become_password] if self.become_password else [])]

    def hide(self, text: str) -> str:
        """Return a whole text with the secrets in it masked."""
        return self._redactor.text(text)


class Streams:
    """Masks secrets in many streams at once, wherever the pieces of each are cut."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secrets)
        self._redactors: dict[Hashable, Redactor] = {}

    def feed(self, stream: Hashable, data: bytes) -> bytes:
        """Return what is safe to let go of a stream by now."""
        if not self._secrets:
            return data
        redactor = self._redactors.get(stream)
        if redactor is None:
            redactor = self._redactors[stream] = Redactor(self._secrets)
        return redactor.feed(data)

    def finish(self, stream: Hashable) -> bytes:
        """Return what was held back of a stream that has ended."""
        redactor = self._redactors.pop(stream, None)
        return redactor.finish() if redactor else b""
