"""Keys and the little cryptography we need, on the `cryptography` library.

Keys live in ``<data folder>/keys/``, outside the database and readable only to the user that runs Wangge.
``sealed`` values are AES-256-GCM (NIST SP 800-38D) with the key's number in front, so that keys can rotate.
``lookup`` values are HMAC-SHA-256 for exact search without decrypting; their key rotates together with the sealing key.
``wangge rotate-keys`` does it (``kit/upkeep/rotate.py``).
The ledger is signed with Ed25519 (RFC 8032); see docs/reference/ledger.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wangge.kit.errors import DomainError

NONCE_BYTES = 12
KEYRING = "keyring.json"
LAST_NUMBER = 255  # one byte stands before each sealed value


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only this user can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # fails when another process was first: its keys stand
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def new_key() -> str:
    """256 random bits, as the key file has them."""
    return b64encode(secrets.token_bytes(32)).decode()


def with_ledger_key(path: Path) -> dict[str, Any]:
    """Give a key file from before the ledger was signed a ledger key; processes that start together agree on one."""
    with path.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held: dict[str, Any] = json.loads(path.read_bytes())
        if "ledger" not in held:
            held["ledger"] = new_key()
            temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            write_secret(temporary, json.dumps(held, indent=1).encode())
            temporary.replace(path)
    return held


class KeyRing:
    """The keys of one installation: sealing keys by number (the newest seals), lookup key, web secret, ledger key."""

    def __init__(self, folder: Path) -> None:
        path = folder / KEYRING
        if not path.exists():
            fresh = {
                "sealing": {"1": new_key()},
                "lookup": new_key(),
                "web": secrets.token_urlsafe(48),
                "ledger": new_key(),
            }
            write_secret(path, json.dumps(fresh, indent=1).encode())
        try:
            held = json.loads(path.read_bytes())
            if "ledger" not in held:
                held = with_ledger_key(path)
            self._sealing = {int(n): AESGCM(b64decode(key)) for n, key in held["sealing"].items()}
            first = {str(min(self._sealing)): held["lookup"]}
            self._lookups = {int(n): b64decode(key) for n, key in held.get("lookups", first).items()}
            self.made_at: dict[int, str] = {int(n): at for n, at in held.get("made_at", {}).items()}
            self.web_secret: str = held["web"]
            self._ledger = Ed25519PrivateKey.from_private_bytes(b64decode(held["ledger"]))
        except (OSError, ValueError, KeyError) as error:
            raise DomainError(
                500,
                "keys_unreadable",
                f"密钥文件 {path} 读不出来。请从备份的 .keys 文件恢复。",
                f"The key file {path} cannot be read. Restore it from the backup's .keys file.",
            ) from error
        self.newest = max(self._sealing)

    @property
    def numbers(self) -> list[int]:
        """The numbers of the sealing keys, the oldest first."""
        return sorted(self._sealing)

    def seal(self, text: str, purpose: str) -> bytes:
        """Encrypt ``text``; ``purpose`` is authenticated, so a value cannot be moved to another column."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._sealing[self.newest].encrypt(nonce, text.encode(), purpose.encode())
        return bytes([self.newest]) + nonce + sealed

    def unseal(self, sealed: bytes, purpose: str) -> str:
        """Decrypt what ``seal`` made for the same purpose."""
        blob = bytes(sealed)
        try:
            key = self._sealing[blob[0]]
            return key.decrypt(blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :], purpose.encode()).decode()
        except (InvalidTag, KeyError, IndexError) as error:
            raise DomainError(
                500,
                "cannot_decrypt",
                "这项加密内容解不开:密钥不对或数据被改动。请让管理员运行 wangge doctor。",
                "This encrypted value cannot be opened: wrong key or altered data. Ask for `wangge doctor`.",
            ) from error

    def lookup(self, text: str, purpose: str) -> bytes:
        """A keyed digest for exact search: the same text and purpose give the same 32 bytes. To be stored."""
        return self.lookups(text, purpose)[0]

    def lookups(self, text: str, purpose: str) -> list[bytes]:
        """The digests by every lookup key, the newest first: what to search for while keys rotate."""
        content = purpose.encode() + b"\0" + text.encode()
        return [hmac.digest(self._lookups[n], content, "sha256") for n in sorted(self._lookups, reverse=True)]

    def sign(self, content: bytes) -> bytes:
        """The installation's signature of 64 bytes (Ed25519)."""
        return self._ledger.sign(content)

    @property
    def ledger_key(self) -> str:
        """The public half of the ledger key, 64 hexadecimal digits: whoever has it can check our signatures."""
        return self._ledger.public_key().public_bytes_raw().hex()


def is_signed(content: bytes, signature: bytes, public_key: str) -> bool:
    """Whether the owner of ``public_key`` (hexadecimal) signed this content."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


RINGS: dict[Path, tuple[tuple[int, int], KeyRing]] = {}


def key_ring(folder: Path) -> KeyRing:
    """The key ring of a keys folder; read again when the file was replaced, so that running processes follow."""
    stamp, kept = stamp_of(folder), RINGS.get(folder)
    if kept is not None and stamp in (kept[0], None):
        return kept[1]
    ring = KeyRing(folder)
    if found := stamp or stamp_of(folder):
        RINGS[folder] = (found, ring)
    return ring


def stamp_of(folder: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(folder / KEYRING)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def replace_keys(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the content of the key file; it is replaced whole or not at all."""
    path = folder / KEYRING
    with path.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held: dict[str, Any] = json.loads(path.read_bytes())
        held.setdefault("lookups", {min(held["sealing"], key=int): held["lookup"]})
        change(held)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        write_secret(temporary, json.dumps(held, indent=1).encode())
        temporary.replace(path)


def add_keys(folder: Path, made_at: str) -> int:
    """A new sealing key and a new lookup key under the next number, which seal from now on; returns it."""
    number = key_ring(folder).newest + 1
    if number > LAST_NUMBER:
        raise DomainError(409, "no_number", "密钥编号已用完。", "The numbers of keys are used up.")

    def add(held: dict[str, Any]) -> None:
        held["sealing"][str(number)] = new_key()
        held["lookups"][str(number)] = held["lookup"] = new_key()
        held.setdefault("made_at", {})[str(number)] = made_at

    replace_keys(folder, add)
    return number


def drop_keys(folder: Path, numbers: Collection[int]) -> None:
    """Forget old keys. What is still sealed by them can never be opened again."""

    def drop(held: dict[str, Any]) -> None:
        for number in map(str, numbers):
            for kind in ("sealing", "lookups", "made_at"):
                held.get(kind, {}).pop(number, None)

    replace_keys(folder, drop)


def salted_digest(salt: bytes, text: str) -> str:
    """SHA-256 over salt and text, hexadecimal; without the salt (erased with the value) it says nothing."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def token_digest(token: str) -> bytes:
    """What is stored of a long random secret (machine token, resident's code): its SHA-256."""
    return hashlib.sha256(token.encode()).digest()
