"""The keys of an installation in a file of their own, locked with a passphrase: they never lie beside the data."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from base64 import b64decode, b64encode
from pathlib import Path

import click
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from wangge.kit.cluster.folder import write_whole
from wangge.kit.errors import DomainError

KEYRING = "keyring.json"
FORMAT = "wangge-keys-1"
SHORTEST = 12
# RFC 7914: 128 MB and about half a second for each guess
COST, BLOCK, LANES = 2**17, 8, 1


def fingerprint(keys_folder: Path) -> str:
    """Tells whether two installations have the same keys, and nothing else about them."""
    return hashlib.sha256(b"wangge keys " + (keys_folder / KEYRING).read_bytes()).hexdigest()


def passphrase(*, is_new: bool) -> str:
    """From ``WANGGE_BACKUP_PASSPHRASE``, else asked for; a new one is asked for twice and has 12 characters or more."""
    given = os.environ.get("WANGGE_BACKUP_PASSPHRASE")
    if given is None:
        if not sys.stdin.isatty():
            raise click.UsageError(
                "请用 WANGGE_BACKUP_PASSPHRASE 给出密钥文件的口令。· "
                "Give the passphrase of the key file in WANGGE_BACKUP_PASSPHRASE."
            )
        given = str(
            click.prompt(
                "密钥文件的口令 · passphrase of the key file", hide_input=True, confirmation_prompt=is_new
            )
        )
    if is_new and len(given) < SHORTEST:
        raise DomainError(
            400,
            "passphrase_short",
            f"口令太短:至少 {SHORTEST} 个字符。没有它,备份里的个人信息谁也读不出来。",
            f"The passphrase is too short: {SHORTEST} characters or more.",
        )
    return given


def seal(keys_folder: Path, target: Path, words: str) -> None:
    """Write the keys, locked with ``words``, to ``target``."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_key(words, salt)).encrypt(nonce, (keys_folder / KEYRING).read_bytes(), FORMAT.encode())
    parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
    told = {"format": FORMAT} | {name: b64encode(part).decode() for name, part in parts.items()}
    write_whole(target, json.dumps(told, indent=1))


def unseal(source: Path, words: str) -> bytes:
    """The key ring in ``source``; raises DomainError ``keys_locked`` for a wrong passphrase or another file."""
    try:
        told = json.loads(source.read_bytes())
        salt, nonce, sealed = (b64decode(told[name]) for name in ("salt", "nonce", "sealed"))
        return AESGCM(_key(words, salt)).decrypt(nonce, sealed, FORMAT.encode())
    except (OSError, ValueError, KeyError, InvalidTag) as error:
        raise DomainError(
            409,
            "keys_locked",
            f"密钥文件 {source} 打不开:口令不对,或文件不对。什么都没有改动。",
            f"The key file {source} does not open: wrong passphrase or wrong file. Nothing was changed.",
        ) from error


def put_back(keys_folder: Path, ring: bytes) -> None:
    """Make ``ring`` the keys of this installation; the ones before are kept beside it."""
    place = keys_folder / KEYRING
    if place.exists() and place.read_bytes() != ring:
        place.replace(keys_folder / f"before-{secrets.token_hex(4)}-{KEYRING}")
    write_whole(place, ring.decode())


def _key(words: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=COST, r=BLOCK, p=LANES).derive(words.encode())
