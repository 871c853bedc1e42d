"""The key ring: what it signs is checked with its public half alone; rings of older versions get what they lack."""

import json

import pytest

from wangge.kit.crypto import KeyRing, is_signed
from wangge.kit.errors import DomainError


def test_a_signature_is_checked_with_the_public_key_alone(tmp_path):
    ring, other = KeyRing(tmp_path / "a"), KeyRing(tmp_path / "b")
    signature = ring.sign(b"content")
    assert is_signed(b"content", signature, ring.ledger_key)
    assert not is_signed(b"content.", signature, ring.ledger_key)
    assert not is_signed(b"content", signature, other.ledger_key)
    assert not is_signed(b"content", b"", ring.ledger_key)
    assert not is_signed(b"content", signature, "no key")


def test_a_ring_of_an_older_version_gets_a_ledger_key_once(tmp_path):
    sealed = KeyRing(tmp_path).seal("13812341234", "reporter.phone")
    path = tmp_path / "keyring.json"
    held = json.loads(path.read_bytes())
    del held["ledger"]
    path.write_text(json.dumps(held))
    first, second = KeyRing(tmp_path), KeyRing(tmp_path)
    assert first.ledger_key == second.ledger_key
    assert second.unseal(sealed, "reporter.phone") == "13812341234"
    assert path.stat().st_mode & 0o077 == 0


def test_an_unreadable_ring_says_what_to_do(tmp_path):
    (tmp_path / "keyring.json").write_text("broken")
    with pytest.raises(DomainError, match="keys"):
        KeyRing(tmp_path)
