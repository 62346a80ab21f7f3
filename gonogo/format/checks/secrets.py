"""Secrets written in the text: whoever may read the repository would have them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise

from msgspec.structs import replace

from ..model import Place, Severity
from ..shell.model import Shell, Word
from .whole import Block, Whole

# Patterns are text here and compiled when one of these words stands in the document: that costs 3 ms.
_TOKEN_HINTS = (
    *("AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "hooks.slack"),
    *("AIza", "k_live_", "hvs.", "eyJ", "BEGIN ", "Bearer ", "Basic "),
)
_PASSWORD_HINTS = ("pass", "pwd", "secret", "token", "key", "://")
# What has a form that nothing else has.
_TOKENS = (
    r"(?P<key>-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----)"
    r"|(?<![\w-])(?:(?P<aws>(?:AKIA|ASIA)[0-9A-Z]{16})(?!\w)"
    r"|(?P<github>gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})"
    r"|(?P<gitlab>glpat-[A-Za-z0-9_-]{20,})"
    r"|(?P<slack>xox[abeprs]-[0-9A-Za-z-]{10,}|hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,})"
    r"|(?P<google>AIza[0-9A-Za-z_-]{35})(?![\w-])"
    r"|(?P<stripe>[sr]k_live_[0-9A-Za-z]{20,})"
    r"|(?P<vault>hvs\.[A-Za-z0-9_-]{24,})"
    r"|(?<=Bearer )(?P<bearer>[A-Za-z0-9._~+/=-]{20,})|(?<=Basic )(?P<basic>[A-Za-z0-9+/]{12,}={0,2})"
    r"|(?P<jwt>eyJ[A-Za-z0-9_-]{12,}\.eyJ[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{20,}))"
)
# Documentation's own values, and those that are crossed out.
_SAMPLE = r"EXAMPLE\Z|([0-9A-Za-z])\1{5}"
_KEY_BODY = r"[A-Za-z0-9+/=]{16}|Proc-Type|Version:"
_KINDS = {
    "key": "a private key",
    "aws": "an AWS access key",
    "github": "a GitHub token",
    "gitlab": "a GitLab token",
    "slack": "a Slack token",
    "google": "a Google API key",
    "stripe": "a Stripe key",
    "vault": "a Vault token",
    "bearer": "a bearer token",
    "basic": "a user and password in base64",
    "jwt": "a signed token",
}
_WORD = (
    r"(?:password|passwd|passphrase|(?<![A-Za-z])(?:pass|pwd)|secret|token"
    r"|(?:api|access|secret)[_-]?key)"
)
_VALUE = r"(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s\"';,&|)}]+)"
_ASSIGNED = rf"(?i){_WORD}[\"']?={_VALUE}"
# As in the configuration files that a script writes.
_CONFIGURED = rf"(?im){_WORD}[\"']?(?:[ \t]*=[ \t]+|:[ \t]+){_VALUE}(?=[ \t]*(?:[\"']|$))"
_URL = r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'`<>]{1,100}:(?P<value>[^\s/@\"'`]{1,200})@"
# A reference to a value, a path, a mask, or a word for any value.
_REFERENCE = r"(?i)[$<{%*@`/~\[\\-]|\.{2,}|x{3,}\Z|\d{0,5}\Z|.{0,3}\Z|.*[($`\[]|.*<[\w -]+>"
_NO_SECRET = frozenset(
    re.findall(
        r"\w+",
        "true false null none auto default prompt stdin file required optional string hidden masked "
        "changeme change_me example placeholder redacted",
    )
)
_MEND = "Make it an input with `secret: true` and write $name; then change it, for others may have read it."
# Options whose value is a password: glued to it, or the next word.
_GLUED = dict.fromkeys(("mysql", "mariadb", "mysqldump", "mysqladmin", "sshpass"), "-p")
_NEXT = {"sshpass": ("-p",), "curl": ("-u", "--user"), "ldapsearch": ("-w",), "ldapmodify": ("-w",)}
_LONG = r"--(?:[\w-]+-)?(?:password|passwd|passphrase|token|secret-key|api-key)\Z"


def check_secrets(whole: Whole) -> None:
    """Report keys, tokens and passwords, wherever in the document they stand."""
    for file in whole.source.files():
        _in_file(whole, file)
    for blocks in whole.every:
        for block in blocks:
            if block.shell is not None:
                _in_script(whole, block, block.shell)
    for one in whole.runbook.inputs:
        if one.secret and one.default and one.place is not None:
            place, length = whole.source.value(one.place, "default")
            message = f"the secret {one.name} has its value written here as its default"
            mend = "Take `default:` out; it is asked for."
            whole.problems.warn(place, "secret", message, mend, length)


def _in_file(whole: Whole, file: str) -> None:
    text = whole.source.text(file)
    checks = []
    if any(hint in text for hint in _TOKEN_HINTS):
        checks.append((re.compile(_TOKENS), _tokens_in))
    if any(hint in text.lower() for hint in _PASSWORD_HINTS):
        checks += [(re.compile(_ASSIGNED), _passwords_in), (re.compile(_URL), _passwords_in)]
    for number, line in enumerate(whole.source.lines(file) if checks else (), 1):
        for pattern, report in checks:
            for match in pattern.finditer(line):
                report(whole, Place(file, number), match)


def _tokens_in(whole: Whole, line: Place, match: re.Match[str]) -> None:
    following = whole.source.line(replace(line, line=line.line + 1))
    if re.search(_SAMPLE, match[0]) or (match["key"] and _is_bare(match.string[match.end() :], following)):
        return
    report = whole.problems.error if whole.runbook.ours else whole.problems.warn
    message = f"{_KINDS[match.lastgroup or '']} is written in the text"
    report(replace(line, column=match.start() + 1), "secret", message, _MEND, len(match[0]))


def _passwords_in(whole: Whole, line: Place, match: re.Match[str]) -> None:
    if _is_secret(match["value"]):
        place = replace(line, column=match.start("value") + 1)
        whole.problems.warn(
            place, "secret", "a password or token is written in the text", _MEND, len(match["value"])
        )


def _in_script(whole: Whole, block: Block, shell: Shell) -> None:
    text = block.script.text
    hinted = any(hint in text.lower() for hint in _PASSWORD_HINTS)
    spans = [match.span("value") for match in re.finditer(_CONFIGURED, text)] if hinted else []
    for command in shell.commands:
        spans += _given(command.words)
    for start, end in spans:
        if _is_secret(text[start:end]):
            message = "a password or token is written in the text"
            whole.in_block(block, start, end - start, Severity.WARNING, "secret", message, _MEND)


def _given(words: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield where a command's options have a password."""
    name = posixpath.basename(words[0].text) if words else ""
    glued, following = _GLUED.get(name, ""), _NEXT.get(name, ())
    for word, after in pairwise(words):
        is_long = re.match(_LONG, word.text) is not None
        if is_long and not glued:
            yield after.start, after.end
        elif word.text in following:
            colon = after.text.find(":") + 1 if name == "curl" else 0
            if name != "curl" or colon:
                yield after.start + colon, after.end
    for word in words[1:]:
        if glued and word.text.startswith(glued) and len(word.text) > len(glued):
            yield word.start + len(glued), word.end


def _is_bare(rest: str, following: str) -> bool:
    """Tell whether a key's first line stands alone, as it does where somebody writes about keys."""
    return not re.search(_KEY_BODY, rest) and not re.match(_KEY_BODY, following.strip(" \t>\"'"))


def _is_secret(value: str) -> bool:
    """Tell a value from a reference to one, from a mask, and from a word for any."""
    value = value.strip("\"'")
    says_itself = re.search("pass|secret|token|key", value, re.IGNORECASE) and not re.search(r"\d", value)
    return not re.match(_REFERENCE, value) and not says_itself and value.lower() not in _NO_SECRET
