"""Choosing the rung to stand on."""

from pathlib import Path

import pytest

from floodwall.act.ban_nowhere import NoBans
from floodwall.app import footing as module
from floodwall.app.footing import Footing, Rung, below, find_footing, may_descend
from floodwall.app.interfaces import BareInterfaces
from floodwall.core.errors import KernelError, NotSupported
from floodwall.core.settings import AttachMode
from floodwall.kernel.absent import AbsentPlane
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.probe import Answer, Feature, Features, Finding

ERROR = NotSupported("xdp: masked", feature="xdp")


@pytest.fixture
def directory(tmp_path: Path) -> StateDirectory:
    """Return places in which nothing is pinned."""
    return StateDirectory(tmp_path, None, "nothing is pinned")


def features(*missing: Feature) -> Features:
    """Return a machine that lacks these."""
    return Features(
        {
            feature: Finding(Answer.NO if feature in missing else Answer.YES, "because")
            for feature in Feature
        }
    )


def fail(_: Path) -> NoBans:
    """Stand in for a backend that the kernel refuses."""
    raise KernelError("change nftables: Operation not permitted")


@pytest.fixture(autouse=True)
def ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nftables fail and routes work, without touching either."""
    rungs = (
        (Rung.NFTABLES, Feature.NFTABLES, fail),
        (Rung.ROUTES, Feature.ROUTES, lambda _: NoBans()),
    )
    monkeypatch.setattr(module, "_LADDER", rungs)


def test_every_rung_that_was_not_taken_has_its_reason(directory: StateDirectory) -> None:
    """What failed, and what is missing."""
    failed = below(directory, features(), ERROR, 1)
    masked = below(directory, features(Feature.NFTABLES, Feature.ROUTES), ERROR, 1)

    assert failed.rung is Rung.ROUTES
    assert failed.refused == (
        "XDP: xdp: masked",
        "nftables: change nftables: Operation not permitted",
    )
    assert masked.rung is Rung.OBSERVE
    assert masked.refused == ("XDP: xdp: masked", "nftables: because", "routes: because")


def test_without_xdp_we_go_down_unless_the_operator_insists(directory: StateDirectory) -> None:
    """An explicit mode is an order."""
    missing = features(Feature.CAPABILITIES)

    assert find_footing(directory, AttachMode.AUTO, missing, 1).rung is Rung.ROUTES
    with pytest.raises(NotSupported, match="capabilities: because"):
        find_footing(directory, AttachMode.GENERIC, missing, 1)


def test_a_gateway_goes_down_to_nothing(directory: StateDirectory) -> None:
    """No lower rung does anything for what stands behind: the operator must know."""
    with pytest.raises(NotSupported, match="tcx: because"):
        find_footing(directory, AttachMode.AUTO, features(Feature.TCX), 1, gateway=True)


def test_pinned_links_are_not_given_up(tmp_path: Path) -> None:
    """A data plane that still protects is better than any lower rung."""
    (tmp_path / "link_xdp_2").touch()

    assert not may_descend(StateDirectory(tmp_path, tmp_path, ""), AttachMode.AUTO)


def test_a_lower_rung_has_no_data_plane(directory: StateDirectory) -> None:
    """It only looks at its interfaces, and cannot hand over."""
    stands = below(directory, features(Feature.NFTABLES), ERROR, 1)

    assert isinstance(stands.plane, AbsentPlane)
    assert isinstance(stands.interfaces(AttachMode.AUTO), BareInterfaces)
    assert not stands.can_hand_over
    assert not stands.take_over()
    assert stands.description.startswith("routes: bans by blackhole routes")
    assert isinstance(stands, Footing)
