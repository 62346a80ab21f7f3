"""Secrets that the run knows never reach the disk or the screen, in the forms they commonly take."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterable
from urllib.parse import quote

SHORTEST = 6
"""Shorter secrets cannot be masked without masking everything."""
MASK = b"[secret]"


def _variants(secret: str) -> set[bytes]:
    raw = secret.encode()
    found = {raw, shlex.quote(secret).encode(), quote(secret, safe="").encode(), raw.hex().encode()}
    found |= {json.dumps(secret)[1:-1].encode(), json.dumps(secret, ensure_ascii=False)[1:-1].encode()}
    found |= {line.encode() for line in secret.splitlines() if len(line) >= 8}
    for lead in range(3):
        coded = base64.b64encode(b"\0" * lead + raw)
        # Only the characters that depend on the secret alone are the same in every context.
        start = (lead * 8 + 5) // 6
        core = coded[start : len(coded) - (4 if (lead + len(raw)) % 3 else 0)]
        found |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return {variant for variant in found if len(variant) >= SHORTEST}


class Redactor:
    """Masks secrets in a stream of bytes, wherever the pieces are cut. One a stream."""

    def __init__(self, secrets: Iterable[str]) -> None:
        variants = sorted(set().union(*map(_variants, secrets)), key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, variants))) if variants else None
        self._hold = max(map(len, variants), default=1) - 1
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Return what is safe to let go by now; the rest waits for the next piece or `finish`."""
        if self._pattern is None:
            return data
        data = self._pattern.sub(MASK, self._held + data)
        cut = max(len(data) - self._hold, 0)
        self._held = data[cut:]
        return data[:cut]

    def finish(self) -> bytes:
        """Return what was held back."""
        held, self._held = self._held, b""
        return held

    def text(self, text: str) -> str:
        """Mask secrets in a whole text."""
        if self._pattern is None:
            return text
        return self._pattern.sub(MASK, text.encode()).decode()
