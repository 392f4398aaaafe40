"""Whom a defence must never cut off."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from floodwall.core.settings_file import parse_settings
from floodwall.lab import guarded
from floodwall.lab.addresses import CLIENTS_PER_NETWORK, Family, clients, server


@pytest.mark.parametrize("family", Family)
def test_everybody_but_the_resolver_lives_in_the_lab(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gateway, server, SSH peer and the operator's network; the resolver is the machine's."""
    file = tmp_path / "resolv.conf"
    file.write_text("nameserver 192.0.2.53\nnameserver 2001:db8::53\nnameserver 127.0.0.53\n")
    monkeypatch.setattr(guarded, "_RESOLV_CONF", file)
    found = guarded.forged(family)

    assert {ip_address(one).version for one in found} == {int(family)}
    assert len(found) == len(set(found)) == 4 + guarded.ALLOWED_HOSTS
    assert found[:3] == (
        guarded.gateway(family), str(server(family)), guarded.ssh_peer(family),
    )  # fmt: skip
    assert found[-1] in {"192.0.2.53", "2001:db8::53"}


def test_without_resolvers_the_others_are_forged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine may have none."""
    monkeypatch.setattr(guarded, "_RESOLV_CONF", tmp_path / "none")

    assert len(guarded.forged(Family.IPV4)) == 3 + guarded.ALLOWED_HOSTS


@pytest.mark.parametrize("family", Family)
def test_allowed_hosts_are_clients_that_come(family: Family) -> None:
    """Not the SSH peer, who must be saved by another reason."""
    network = guarded.allowed(family)
    inside = [one for one in clients(family, 1, CLIENTS_PER_NETWORK) if one in network]

    assert len(inside) == guarded.ALLOWED_HOSTS
    assert ip_address(guarded.ssh_peer(family)) not in network


def test_the_settings_name_the_network_of_each_family() -> None:
    """And are settings."""
    settings = parse_settings(guarded.settings(), "lab.toml")

    assert set(settings.protect.never_ban) == {guarded.allowed(family) for family in Family}
