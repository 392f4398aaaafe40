"""Clients of a machine that has NAT rules, as every host of containers has."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.household import PORT, Household

pytestmark = [pytest.mark.root, pytest.mark.live]

_MASQUERADE = """
table ip nat {
	chain out {
		type nat hook postrouting priority srcnat;
		ip saddr 172.17.0.0/16 masquerade
	}
}
"""


def test_challenged_clients_get_through(home: Household) -> None:
    """Behind NAT the kernel forgets what tc has handed over: its own cookies are used there."""
    subprocess.run(
        ["nsenter", f"--net=/run/netns/{home.server}", "nft", "-f", "-"],
        input=_MASQUERADE,
        text=True,
        check=True,
    )
    daemon = home.daemon()
    (service,) = daemon.plan["services"]
    assert (service["mechanism"], service["why"]) == ("stack", "NAT rules are here")
    assert home.floodwall("arm", str(PORT)).returncode == 0
    home.flood(300)

    assert home.reachable()
    assert home.status()[1]["services"][0]["reading"]["challenged"] > 0
    assert daemon.end() == 0
    assert home.is_untouched()
