"""The addresses at which the app is found, found without a request to anyone."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

EVERYWHERE = ("", "0.0.0.0", "::")
_IPV6_OF_LINUX = Path("/proc/net/if_inet6")
_SIOCGIFADDR = 0x8915  # of Linux: the IPv4 address of an interface


def told(host: str, port: int, path: str) -> str:
    """What a person reads when the app listens at `host`: on this machine, and for others one address a line."""
    if host not in EVERYWHERE:
        return f"The app is at {_link('localhost' if host == '127.0.0.1' else host, port, path)}\nCtrl-C ends it."
    said = [f"The app is at {_link('localhost', port, path)} on this machine."]
    if found := of_this_machine(sixth=host != "0.0.0.0"):
        said += ["Others on the same network find it at", *(f"  {_link(address, port, path)}" for address in found)]
    else:
        said.append("This machine has no address that others could use: it is on no network.")
    return "\n".join([*said, "Ctrl-C ends it."])


def of_this_machine(*, sixth: bool) -> list[str]:
    """Return the addresses of this machine in a network, that of the way out first; with `sixth` those of IPv6 too."""
    found = [*_outgoing(socket.AF_INET, "192.0.2.1"), *_of_interfaces()]
    if sixth:
        found += [*_outgoing(socket.AF_INET6, "2001:db8::1"), *_sixth_of_interfaces()]
    return [address for address in dict.fromkeys(found) if _is_for_others(address)]


def _is_for_others(address: str) -> bool:
    known = ip_address(address)
    return not (known.is_loopback or known.is_unspecified or (known.version == 6 and known.is_link_local))


def _outgoing(family: socket.AddressFamily, far: str) -> Iterator[str]:
    """The address that a packet to a far address would come from. A socket of datagrams sends none when it connects; the far ones
    are reserved for documents."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((far, 9))
        yield probe.getsockname()[0]


def _of_interfaces() -> Iterator[str]:
    if sys.platform != "linux":
        return
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # an interface without an address
                found = fcntl.ioctl(probe, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                yield socket.inet_ntoa(found[20:24])


def _sixth_of_interfaces() -> Iterator[str]:
    with suppress(OSError):
        for line in _IPV6_OF_LINUX.read_text().splitlines():
            yield str(ip_address(bytes.fromhex(line.split()[0])))


def _link(host: str, port: int, path: str) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{path.strip('/')}"
