"""What the SDK and keystoneauth raise, in words that a person can act on. They are two families of errors."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.errors import GonogoError
from gonogo.text import clean_line

_LIMIT = 400
# By name: the classes themselves would load the SDK. The first that fits an error or a class above it counts.
_TOLD = (
    ("ConnectTimeout", "it did not answer in time"),
    ("GatewayTimeout", "it did not answer in time"),
    ("ResourceTimeout", "it was not reached in time"),
    ("SSLFailure", "its certificate is not trusted, or it does not speak TLS"),
    ("SSLError", "its certificate is not trusted, or it does not speak TLS"),
    ("ConnectFailure", "it cannot be reached"),
    ("ConnectionError", "it cannot be reached"),
    ("Unauthorized", "the credentials are refused, or the token is over"),
    ("ForbiddenException", "policy forbids it"),
    ("Forbidden", "policy forbids it"),
    ("EndpointNotFound", "the catalogue names no such service in this region"),
    ("ServiceDisabledException", "the catalogue names no such service in this region"),
    ("EmptyCatalog", "the catalogue is empty: is the token scoped to a project?"),
    ("ServiceDiscoveryException", "it does not say which versions it has"),
    ("DiscoveryFailure", "it does not say which versions it has"),
    ("MissingRequiredOptions", "clouds.yaml lacks what is needed to log in"),
    ("ConfigException", "clouds.yaml cannot be used"),
    ("NotFoundException", "it knows no such thing"),
    ("ResourceFailure", "it failed in the cloud"),
)


def told(error: BaseException) -> str:
    """Return an error in one line: what it means, then what was said."""
    if isinstance(error, GonogoError):
        return clean_line(f"{error.what}. {error.mend}".removesuffix(". ") if error.mend else error.what)
    said = clean_line(str(error)).strip() or type(error).__name__
    status = getattr(error, "status_code", None) or getattr(error, "http_status", None)
    names = set(_names(error))
    meaning = next((words for name, words in _TOLD if name in names), "")
    if not meaning:
        meaning = _by_status(status) or f"it failed with {type(error).__name__}"
    elif status == 403:
        meaning = "policy forbids it"
    return f"{meaning}: {said[:_LIMIT]}"


def is_gone(error: BaseException) -> bool:
    """Return whether an error says that there is no such thing (any more)."""
    return bool({"NotFoundException", "NotFound", "ResourceNotFound"} & set(_names(error)))


def _names(error: BaseException) -> Iterator[str]:
    """Yield the names of the error's classes, its own first, and of what the SDK wrapped in it."""
    seen: BaseException | None = error
    for _ in range(4):
        if seen is None:
            return
        yield from (one.__name__ for one in type(seen).__mro__)
        # Why no version was found is told by what was tried last.
        lost = type(seen).__name__ == "DiscoveryFailure"
        seen = seen.__cause__ or (seen.__context__ if lost else None)


def _by_status(status: object) -> str:
    match status:
        case 401:
            return "the credentials are refused, or the token is over"
        case 403:
            return "policy forbids it"
        case 404:
            return "it knows no such thing"
        case 413 | 429:
            return "it asks for fewer requests"
        case 500 | 502 | 503 | 504:
            return f"it answered with an error of its own (HTTP {status})"
    return f"it answered with HTTP {status}" if isinstance(status, int) else ""
