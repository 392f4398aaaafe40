"""Endpoints in the words of many systems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.sockets.endpoint import port_of, read_endpoint, read_hex_endpoint


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("192.0.2.1:80", "192.0.2.1", 80),
        ("192.0.2.1.80", "192.0.2.1", 80),
        ("[2001:db8::1]:80", "2001:db8::1", 80),
        ("::1:25", "::1", 25),
        (":::22", "::", 22),
        ("fe80::1%em0.22", "fe80::1", 22),
        ("[::ffff:172.19.0.12]:8888", "172.19.0.12", 8888),
        ("*:80", "None", 80),
        ("*.22", "None", 22),
        ("*.*", "None", 0),
        ("IP:8000", "None", 8000),
        ("127.0.0.1:smtp", "127.0.0.1", 25),
        ("127.0.0.1:99999", "127.0.0.1", 0),
        ("nonsense", "None", 0),
    ],
)
def test_endpoints_of_netstat_and_ss(text: str, address: str, port: int) -> None:
    """Linux, BSD and Windows."""
    found = read_endpoint(text)
    assert (str(found[0]), found[1]) == (address, port)


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("0100007F:0050", "127.0.0.1", 80),
        ("B80D01200000000000000000010000 00:01BB".replace(" ", ""), "2001:db8::1", 443),
        ("0000000000000000FFFF0000010200C0:0016", "192.0.2.1", 22),
        ("01:0050", "None", 0),
        ("zz:0050", "None", 0),
        ("0100007F:-050", "None", 0),
        ("0100007F:0_50", "None", 0),
        ("0100007F:10050", "None", 0),
    ],
)
def test_endpoints_of_the_kernel(text: str, address: str, port: int) -> None:
    """Words in the byte order of the machine."""
    found = read_hex_endpoint(text)
    assert (str(found[0]), found[1]) == (address, port)


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    """Without an error."""
    for port in (port_of(text), read_endpoint(text)[1], read_hex_endpoint("0100007F:" + text)[1]):
        assert 0 <= port < 65_536
