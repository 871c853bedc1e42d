"""Where a webhook may go: public https addresses, and networks that the installation names. Nothing else.

Somebody who may enter an address must not make our server speak to our own machines (SSRF). The name is resolved once,
and the connection goes to exactly the address that was looked at.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from wangge.notify.channels.channel import NotDelivered

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Target:
    """A looked-at address: connect to ``url`` (a number for the host), but speak of ``host``."""

    url: str
    host: str
    host_header: str


def target_of(url: str, allowed_networks: Iterable[str]) -> Target:
    """Resolve and judge the address of an endpoint; raises NotDelivered when it may not be reached."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise NotDelivered("only http(s) addresses without a password", is_final=True)
    try:
        host = parts.hostname.encode("idna").decode()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise NotDelivered(f"the name cannot be resolved ({type(error).__name__})") from error
    networks = [ip_network(text, strict=False) for text in allowed_networks]
    addresses = [plain(str(entry[4][0])) for entry in found]
    for address in addresses:
        is_named = any(address in network for network in networks)
        if not is_named and (not address.is_global or address.is_multicast):
            raise NotDelivered("the address is not public; see WANGGE_WEBHOOK_NETWORKS", is_final=True)
        if not is_named and parts.scheme != "https":
            raise NotDelivered("only https outside one's own networks", is_final=True)
    number = f"[{addresses[0]}]" if addresses[0].version == 6 else str(addresses[0])
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host_header = f"[{host}]" if ":" in host else host
    return Target(
        f"{parts.scheme}://{number}:{port}{path}",
        host,
        f"{host_header}:{port}" if parts.port else host_header,
    )


def plain(text: str) -> Address:
    """An IPv4 address written as IPv6 is judged as what it is."""
    address = ip_address(text.split("%")[0])
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address
