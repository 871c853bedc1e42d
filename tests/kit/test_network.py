"""From where a request comes, and whom to believe about it."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from wangge.kit.network import is_loopback, network_address, network_of


def request(address: str, forwarded: str = ""):
    return RequestFactory().get(
        "/", REMOTE_ADDR=address, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})
    )


@pytest.mark.parametrize(
    ("n_proxies", "address", "forwarded", "expected"),
    [
        (0, "192.0.2.1", "", "192.0.2.1"),
        (0, "192.0.2.1", "198.51.100.9", "192.0.2.1"),
        (1, "127.0.0.1", "198.51.100.9", "198.51.100.9"),
        (1, "127.0.0.1", "6.6.6.6, 198.51.100.9", "198.51.100.9"),
        (2, "127.0.0.1", "6.6.6.6, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
        (1, "127.0.0.1", "", "127.0.0.1"),
        (1, "127.0.0.1", "rubbish", None),
        (0, "", "", None),
        (0, "::ffff:192.0.2.1", "", "192.0.2.1"),
        (0, "2001:db8::7", "", "2001:db8::7"),
    ],
)
def test_the_address_is_what_our_own_proxies_wrote(settings, n_proxies, address, forwarded, expected) -> None:
    settings.TRUSTED_PROXIES = n_proxies
    assert network_address(request(address, forwarded)) == expected


def test_what_counts_as_one_network() -> None:
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert network_of(None) == "unknown"


def test_loopback_is_only_what_no_proxy_passed_on() -> None:
    assert is_loopback(request("127.0.0.1"))
    assert is_loopback(request("::1"))
    assert not is_loopback(request("192.0.2.1"))
    assert not is_loopback(request("127.0.0.1", "192.0.2.1"))
    assert not is_loopback(request(""))
