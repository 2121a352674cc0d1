"""Where the app is found: what is said when it starts, without asking anyone."""

import socket
from ipaddress import ip_address

import pytest
from streamlit import net_util
from streamlit.web.server.server_util import is_url_from_allowed_origins

from resviz.ui import addresses
from resviz.ui.server import stay_here

END = "\nCtrl-C ends it."
HERE = "The app is at http://localhost:8501/{} on this machine."
OTHERS = "\nOthers on the same network find it at"
NONE = "\nThis machine has no address that others could use: it is on no network."
# By family: what a machine with two networks has, and one that stands alone.
CLASS = (["192.168.1.5", "127.0.0.1", "10.0.0.7", "192.168.1.5"], ["::1", "fd00::2", "fe80::1"])
ALONE = (["127.0.0.1", "0.0.0.0"], ["::1", "fe80::1"])


@pytest.mark.parametrize(
    ("host", "path", "machine", "says"),
    [
        ("127.0.0.1", "", CLASS, "The app is at http://localhost:8501/"),
        ("localhost", "teach/resviz", CLASS, "The app is at http://localhost:8501/teach/resviz"),
        ("10.0.0.7", "", CLASS, "The app is at http://10.0.0.7:8501/"),
        ("::1", "", CLASS, "The app is at http://[::1]:8501/"),
        ("0.0.0.0", "", CLASS, f"{HERE.format('')}{OTHERS}\n  http://192.168.1.5:8501/\n  http://10.0.0.7:8501/"),
        ("0.0.0.0", "/a/", ALONE, HERE.format("a") + NONE),
        (
            *("::", "a", CLASS),
            f"{HERE.format('a')}{OTHERS}\n  http://192.168.1.5:8501/a\n  http://10.0.0.7:8501/a\n  http://[fd00::2]:8501/a",
        ),
        ("", "", ([], []), HERE.format("") + NONE),
    ],
)
def test_what_is_said_where_the_app_is(host, path, machine, says, monkeypatch):
    monkeypatch.setattr(addresses, "_outgoing", lambda family, far: iter(()))
    monkeypatch.setattr(addresses, "_of_interfaces", lambda: iter(machine[0]))
    monkeypatch.setattr(addresses, "_sixth_of_interfaces", lambda: iter(machine[1]))
    assert addresses.told(host, 8501, path) == says + END


def refuse(*_, **__):
    raise AssertionError("somebody is asked")


def test_nobody_is_asked_for_the_addresses_of_this_machine(monkeypatch):
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(socket.socket, "send", refuse)
    found = addresses.of_this_machine(sixth=True)
    assert len(set(found)) == len(found)
    for address in found:  # one that this machine can listen at
        family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
        with socket.socket(family) as probe:
            probe.bind((address, 0))


def test_a_socket_of_another_site_has_nobody_asked_either(monkeypatch):
    monkeypatch.setattr(net_util, "_make_blocking_http_get", refuse)
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)  # as it was, after the test
    with pytest.raises(AssertionError, match="somebody is asked"):
        is_url_from_allowed_origins("http://evil.example")
    stay_here()
    assert is_url_from_allowed_origins("http://evil.example") is False
