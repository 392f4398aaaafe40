"""Are there rules at all."""

from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.doctor import firewall
from floodwall.doctor.firewall import has_firewall


def test_tables_of_legacy_iptables_are_rules(tmp_path: Path) -> None:
    """Whatever nftables has."""
    names = tmp_path / "ip_tables_names"
    names.write_text("filter\n")

    assert has_firewall((names,)) is True


def test_without_privileges_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is not no."""

    def refuse() -> None:
        raise KernelError("change nftables: Operation not permitted")

    monkeypatch.setattr(firewall, "Nftables", refuse)

    assert has_firewall((tmp_path / "none",)) is None
