"""From where a request comes: the caller's address, its network, whether it is this very machine."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

FORWARDED_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def network_address(request: HttpRequest) -> str | None:
    """The caller's IP address, or None when there is none (a unix socket).

    With ``TRUSTED_PROXIES`` = n it is the n-th entry of X-Forwarded-For from the right, the last one that our own
    proxies wrote; entries further left are whatever the caller claims. With 0 the header is not looked at.
    """
    nearest = request.META.get("REMOTE_ADDR", "")
    n_proxies = getattr(settings, "TRUSTED_PROXIES", 0)
    if n_proxies:
        hops = [hop for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= n_proxies:
            nearest = hops[-n_proxies]
    address = parsed(nearest)
    return str(address) if address else None


def network_of(address: str | None) -> str:
    """What is counted as one network: an IPv4 address, the /64 of an IPv6 address, ``unknown`` for none."""
    found = parsed(address or "")
    if found is None:
        return "unknown"
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def is_loopback(request: HttpRequest) -> bool:
    """Whether a person at this very machine asks: a loopback address, and no proxy has passed it on."""
    address = parsed(request.META.get("REMOTE_ADDR", ""))
    passed_on = any(header in request.headers for header in FORWARDED_HEADERS)
    return address is not None and address.is_loopback and not passed_on
