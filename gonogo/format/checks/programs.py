"""Programs that want somebody at the keyboard, and how they are told that nobody is there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence

from ..shell.model import Word

Words = Sequence[str]


def _flags(words: Words, letters: str = "", *long: str) -> bool:
    """Tell whether an option is among the words: a letter, alone or in a cluster, or a long one."""
    for word in words:
        if word.startswith("--"):
            if word.split("=")[0] in long:
                return True
        elif word.startswith("-") and any(letter in letters for letter in word[1:]):
            return True
    return False


def _operands(words: Words) -> list[str]:
    return [word for word in words if not word.startswith("-")]


def _no_operand(words: Words) -> bool:
    """Tell whether a filter is left to read its standard input."""
    return not _operands(words) and not _flags(words, "", "--help", "--version")


def _verb(words: Words, *verbs: str) -> bool:
    return any(word in verbs for word in words)


def _apt(words: Words) -> bool:
    verbs = (
        "install",
        "remove",
        "purge",
        "upgrade",
        "dist-upgrade",
        "full-upgrade",
        "autoremove",
        "build-dep",
    )
    quiet = "-qq" in words or _flags(
        words, "ys", "--yes", "--assume-yes", "--assume-no", "--dry-run", "--simulate"
    )
    return _verb(words, *verbs) and not quiet


def _yum(words: Words) -> bool:
    verbs = (
        "install",
        "reinstall",
        "localinstall",
        "update",
        "upgrade",
        "remove",
        "erase",
        "downgrade",
        "swap",
    )
    more = ("autoremove", "distro-sync", "groupinstall", "groupremove", "groupupdate")
    quiet = _flags(words, "y", "--assumeyes", "--assumeno", "--downloadonly")
    return (
        _verb(words, *verbs, *more)
        and not quiet
        and not ("history" in words and not _verb(words, "undo", "redo"))
    )


def _zypper(words: Words) -> bool:
    verbs = ("install", "in", "remove", "rm", "update", "up", "dist-upgrade", "dup", "patch", "verify")
    return _verb(words, *verbs) and not _flags(words, "ny", "--non-interactive", "--no-confirm")


_SSH_TAKES = re.compile(r"-[46AaCfGgKkMNnqsTtVvXxYy]*[BbcDEeFIiJLlmOoPpQRSWw]\Z")


def _ssh(words: Words) -> bool:
    """`ssh` reads what is meant for the loop around it, unless -n, -f or a redirection keeps it away."""
    return bool(_ssh_operands(words))


def _ssh_alone(words: Words) -> bool:
    """`ssh` without a command opens a shell."""
    return len(_ssh_operands(words)) == 1


def _ssh_operands(words: Words) -> Words:
    """Return the machine and its command; nothing when an option says that there is nothing to read."""
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif not word.startswith("-"):
            return [word, *(later for later in words[at + 1 :] if not later.startswith("-"))]
        elif re.match(r"-[46AaCgKkMqsTtvXxYy]*[nfNVGOQW]", word):
            return []
        else:
            skip = _SSH_TAKES.match(word) is not None
    return []


_KUBECTL_TAKES = frozenset(
    {"-n", "--namespace", "--context", "--cluster", "--kubeconfig", "-s", "--server", "--user"}
)


def _kubectl(*verbs: str) -> Callable[[Words], bool]:
    """Asks with this as its first word after the options that belong to kubectl itself."""

    def asks(words: Words) -> bool:
        before = ["", *words]
        operands = (
            one
            for one, option in zip(words, before, strict=False)
            if not one.startswith("-") and option not in _KUBECTL_TAKES
        )
        return next(operands, "") in verbs

    return asks


def _before_dashes(words: Words) -> Words:
    """Return the words before `--`: those behind it belong to another program."""
    return words[: words.index("--")] if "--" in words else words


def _database(*options: str) -> Callable[[Words], bool]:
    """Tell whether a database's client is given no statement; a letter's value may be glued to it."""
    short = tuple(option for option in options if not option.startswith("--"))
    long = tuple(option for option in options if option.startswith("--"))

    def asks(words: Words) -> bool:
        given = any(word.startswith(short) and not word.startswith("--") for word in words)
        return not given and not _flags(words, "", *long, "--version", "--help")

    return asks


def _unless(letters: str, *long: str) -> Callable[[Words], bool]:
    return lambda words: not _flags(words, letters, *long)


def _on(*verbs: str) -> Callable[[Words], bool]:
    """Asks with this as its first word."""
    return lambda words: _verb(words[:1], *verbs)


def _always(words: Words) -> bool:
    return True


_READS, _CONFIRMS, _PERSON = "reads its input", "asks before it goes on", "wants a person at a terminal"
_FEED = "Name a file, or redirect or pipe something into it."
_NO_EDITOR = "Change the file with a command, or mark the step interactive."
_Row = tuple[str, Callable[[Words], bool], str, str]
"""Programs; whether they ask with these words; what they do then; the mend."""
_ROWS: tuple[_Row, ...] = (
    ("cat sort wc uniq tac", _no_operand, _READS, _FEED),
    ("tee tr", _unless("", "--help", "--version"), _READS, _FEED),
    ("xargs", _unless("a", "--arg-file"), _READS, _FEED),
    ("read", _unless("u"), _READS, "Make it an input or a checkbox, or redirect something into it."),
    (
        "ssh",
        _ssh_alone,
        "opens a shell on another machine",
        "Name the machine with hosts=, and say what to do there.",
    ),
    ("ssh", _ssh, "reads the input of what is around it", "Write ssh -n, or redirect something into it."),
    ("mysql mariadb", _database("-e", "-V", "-?", "--execute"), _READS, "Write -e '…', or redirect a file."),
    (
        "psql",
        _database("-c", "-f", "-l", "-V", "-?", "--command", "--file", "--list"),
        _READS,
        "Write -c '…' or -f FILE.",
    ),
    ("sqlite3", lambda words: len(_operands(words)) < 2, _READS, "Write the statement after the file."),
    (
        "passwd",
        _unless("luSdex", "--lock", "--unlock", "--status", "--delete", "--expire", "--stdin"),
        "asks for a password",
        "Use chpasswd with a secret input, or mark the step interactive.",
    ),
    ("chpasswd", _always, _READS, "Write printf '%s:%s\\n' USER \"$secret\" | chpasswd."),
    ("fdisk", _unless("lsV", "--list"), "asks what to do", "Use sfdisk or parted --script."),
    ("gdisk", _unless("l"), "asks what to do", "Use sgdisk."),
    ("parted", _unless("sl", "--script", "--list"), "asks what to do", "Write parted --script."),
    ("vi vim nvim nano emacs ed joe pico mcedit vipw vigr cfdisk", _always, _PERSON, _NO_EDITOR),
    ("visudo", _unless("c", "--check"), _PERSON, _NO_EDITOR),
    ("crontab", lambda words: "-e" in words, _PERSON, "Write crontab FILE."),
    ("virsh", _on("edit", "console"), _PERSON, _NO_EDITOR),
    ("kubectl oc", _kubectl("edit"), _PERSON, "Use apply or patch."),
    (
        "kubectl oc",
        lambda words: (
            _kubectl("exec", "run", "attach")(words) and _flags(_before_dashes(words), "t", "--tty")
        ),
        "wants a terminal",
        "Take -t out.",
    ),
    ("oc", _kubectl("rsh"), _PERSON, "Use oc exec."),
    ("systemctl", _on("edit"), _PERSON, "Write the drop-in file."),
    (
        "top htop less more watch",
        _unless("bV", "--version", "--help"),
        "waits for keys",
        "Use a command that ends: top -bn1, cat, or until with every=.",
    ),
    ("apt apt-get aptitude", _apt, _CONFIRMS, "Write -y."),
    ("yum dnf microdnf", _yum, _CONFIRMS, "Write -y."),
    ("zypper", _zypper, _CONFIRMS, "Write zypper --non-interactive."),
    (
        "pacman",
        lambda words: _flags(words, "SRU") and "--noconfirm" not in words,
        _CONFIRMS,
        "Write --noconfirm.",
    ),
    (
        "pip pip3",
        lambda words: _on("uninstall")(words) and not _flags(words, "y", "--yes"),
        _CONFIRMS,
        "Write -y.",
    ),
    (
        "terraform tofu",
        lambda words: _verb(words, "apply", "destroy") and "-auto-approve" not in words,
        _CONFIRMS,
        "Write -auto-approve.",
    ),
    (
        "rm cp mv",
        lambda words: _flags(words, "iI", "--interactive") and not _flags(words, "f", "--force"),
        _CONFIRMS,
        "Take -i out.",
    ),
    ("dpkg-reconfigure", _unless("f", "--frontend"), "asks questions", "Write -f noninteractive."),
    (
        "docker podman nerdctl",
        lambda words: _on("run", "exec")(words) and _flags(words[1:3], "t", "--tty"),
        "wants a terminal",
        "Take -t out.",
    ),
)
_TABLE: dict[str, list[_Row]] = {}
for _row in _ROWS:
    for _name in _row[0].split():
        _TABLE.setdefault(_name, []).append(_row)
# These want a terminal, or take what a loop around them is fed with.
_EVEN_FED = frozenset({"ssh", "docker", "podman", "nerdctl", "kubectl", "oc"})
_PREFIXES = {
    "sudo": "CDghpRrTtUu", "doas": "Cu", "env": "uCS", "nohup": "", "nice": "n", "ionice": "cnp",
    "timeout": "ks", "exec": "a", "command": "", "builtin": "", "stdbuf": "ioe", "setsid": "", "chroot": "",
}  # fmt: skip


def bare(words: Sequence[Word]) -> Sequence[Word]:
    """Return a command without what only runs it: sudo, env, timeout, nice."""
    while words and (name := posixpath.basename(words[0].text)) in _PREFIXES:
        rest, at = words[1:], 0
        if name == "command" and rest and rest[0].text in ("-v", "-V"):
            return ()
        while at < len(rest) and (rest[at].text.startswith("-") or re.match(r"\w+=", rest[at].text)):
            takes = len(rest[at].text) == 2 and rest[at].text[-1] in _PREFIXES[name]
            at += 2 if takes else 1
        at += 1 if name in ("timeout", "chroot") else 0
        words = rest[at:]
    return words


def wants(words: Sequence[Word], fed: str) -> tuple[str, str] | None:
    """Return what a command wants of a person, and the mend; None when it wants nothing or is `fed` it."""
    name = posixpath.basename(words[0].text) if words else ""
    given = [word.text for word in words[1:]]
    for _, asks, what, mend in _TABLE.get(name, ()):
        if fed == "own" or (fed and name not in _EVEN_FED and what != _PERSON):
            continue
        if asks(given):
            return what, mend
    return None
