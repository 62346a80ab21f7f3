"""Signers: key files, the agent, and keys that don't answer."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from gonogo.trail.signing import AgentSigner, load_signer
from gonogo.trail.sshsig import SignatureError, verify

from .people import Party, new_key


def _ssh_add(need: Callable[[str, str], str], *words: str) -> None:
    subprocess.run([need("ssh-add", "openssh-client"), "-q", *words], check=True)


@pytest.fixture
def agent(
    party: Party, need: Callable[[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """An ssh-agent that holds Ann's and Bob's keys."""
    path = tmp_path / "agent"
    words = [need("ssh-agent", "openssh-client"), "-D", "-a", str(path)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    keys = [str(party.folder / name) for name in ("ann", "bob")]
    _ssh_add(need, *keys)
    yield path
    process.terminate()
    process.wait()
    process.stdout.close()


async def test_the_agent_signs_with_the_key_that_is_named(agent: Path, party: Party) -> None:
    """`agent` is its first key; a fingerprint or a .pub file chooses; a key it lacks is refused."""
    chosen = {
        "agent": party.ann.key,
        f"agent:{party.bob.key.fingerprint}": party.bob.key,
        str(party.folder / "bob.pub"): party.bob.key,
    }
    for text, key in chosen.items():
        signer = await load_signer(text)
        assert signer.key == key
        assert verify(await signer.sign("n@test", b"data"), "n@test", b"data") == key
    for text in (f"agent:{party.eve.key.fingerprint}", str(party.folder / "eve.pub")):
        with pytest.raises(SignatureError, match="holds no key"):
            await load_signer(text)


async def test_an_agent_signs_with_rsa_and_sha2(
    agent: Path, tmp_path: Path, need: Callable[[str, str], str]
) -> None:
    """The agent is asked for SHA-512 where the key is an RSA key."""
    signer = new_key(tmp_path, "rsa", "ssh-rsa", key_size=2048)
    _ssh_add(need, str(tmp_path / "rsa"))
    found = await load_signer(str(tmp_path / "rsa.pub"))
    assert verify(await found.sign("n@test", b"data"), "n@test", b"data") == signer.key


async def test_an_agent_that_is_gone_or_locked_is_an_error(
    agent: Path, party: Party, need: Callable[[str, str], str]
) -> None:
    """Where the agent loses a key after the run began, signing says so."""
    signer = await load_signer("agent")
    _ssh_add(need, "-D")
    with pytest.raises(SignatureError, match="does not sign"):
        await signer.sign("n@test", b"data")
    agent.unlink()
    with pytest.raises(SignatureError, match="does not sign"):
        await signer.sign("n@test", b"data")
    with pytest.raises(SignatureError, match="no SSH agent"):
        await load_signer("agent")


async def test_an_agent_that_waits_for_a_touch_is_given_up(
    party: Party, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent that never answers holds nothing up for longer than its limit."""
    gone = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    silent = await asyncio.start_unix_server(listen, tmp_path / "silent")
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "silent"))
    with pytest.raises(SignatureError, match="no signature in"):
        await AgentSigner(party.ann.key, limit=0.05).sign("n@test", b"data")
    await gone.wait()
    silent.close()


async def test_a_passphrase_is_asked_for_once(party: Party, tmp_path: Path) -> None:
    """An encrypted key is unlocked with what `ask` gives; a wrong passphrase is an error."""
    path = tmp_path / "locked"
    # PKCS #8 is locked without bcrypt, which is an extra.
    path.touch(0o600)
    asyncssh.read_private_key(party.folder / "ann").write_private_key(str(path), "pkcs8-pem", "good one")
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "good one"

    signer = await load_signer(str(path), ask)
    assert signer.key == party.ann.key
    assert asked == [f"Passphrase of {path}"]
    with pytest.raises(SignatureError, match="its passphrase is another"):
        await load_signer(str(path), lambda prompt: "bad")
    for nobody in (lambda prompt: "", None):
        with pytest.raises(SignatureError, match="wants a passphrase"):
            await load_signer(str(path), nobody)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no SSH key"),
        (b"\xff\0hello", "no SSH key"),
        (b"ssh-dss AAAAB3NzaC1kc3MAAAAA x\n", "not supported"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "no private key"),
        (b"-----BEGIN RSA PRIVATE KEY-----\n", "no private key"),
    ],
)
async def test_a_file_that_is_no_key_is_refused(content: bytes, why: str, tmp_path: Path) -> None:
    """What cannot sign is refused when the run starts, with the reason."""
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SignatureError, match=why):
        await load_signer(str(path))


async def test_missing_and_open_key_files_are_refused(party: Party, tmp_path: Path) -> None:
    """A private key that others can read is refused as ssh refuses it; so are folders and pipes."""
    path = tmp_path / "key"
    path.write_bytes((party.folder / "ann").read_bytes())
    path.chmod(0o644)
    with pytest.raises(SignatureError, match="others can read"):
        await load_signer(str(path))
    os.mkfifo(tmp_path / "pipe")
    for name in ("none", "pipe", "."):
        with pytest.raises(SignatureError):
            await load_signer(str(tmp_path / name))
