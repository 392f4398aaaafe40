"""Programs are loaded over the maps that fit them, and over no others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.core.address import ADDRESS_BYTES, pack
from floodwall.core.errors import KernelError
from floodwall.kernel import _abi as abi
from floodwall.kernel import loading, probe
from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.build import data_plane_object
from floodwall.kernel.loading import Origin, Programs, Start, load, load_over_pins
from floodwall.kernel.maps import Map
from floodwall.kernel.probe import Feature
from floodwall.kernel.tables import MAP_NAMES, marker_name, open_pinned

pytestmark = pytest.mark.root
BANNED = pack("192.0.2.66")


def _start(*masked: Feature) -> Start:
    return Start(data_plane_object(), probe.probe(frozenset(masked)), {})


def _load(pins: StateDirectory, *masked: Feature) -> Origin:
    loaded, origin = load_over_pins(_start(*masked), pins)
    loaded.discard()
    return origin


def test_the_first_load_pins_every_map(pins: StateDirectory) -> None:
    """And the name of their layout."""
    assert _load(pins) is Origin.NEW
    assert {path.name for path in pins.pinned()} == {*MAP_NAMES, marker_name()}


def test_the_second_load_uses_the_pinned_maps(pins: StateDirectory) -> None:
    """What the first one left in them is there."""
    _load(pins)
    with open_pinned(pins) as tables:
        tables.set_lease(7)
    loaded, origin = load_over_pins(_start(), pins)
    with loaded:
        lease = loaded.map("lease").lookup(bytes(4))

    assert (origin, lease) == (Origin.PINNED, (7).to_bytes(8, "little"))


def test_maps_of_another_layout_are_copied_not_used(pins: StateDirectory) -> None:
    """Bans stay; limits, which may mean something else now, do not."""
    _load(pins)
    with open_pinned(pins) as tables:
        tables.bans.update(BANNED, bytes(abi.Ban(hits=3)))
        tables.set_limits(0, abi.Limits(high=9))
        before = tables.maps["bans"].id
    _rename_marker(pins)

    assert _load(pins) is Origin.COPIED
    with open_pinned(pins) as tables:
        assert tables.maps["bans"].id != before
        assert tables.bans.lookup(BANNED) == bytes(abi.Ban(hits=3))
        assert tables.limits(0).high == 0


def test_half_a_set_of_pins_is_not_used(pins: StateDirectory) -> None:
    """A start that was killed while it pinned leaves one."""
    _load(pins)
    (pin,) = pins.pinned("limits")
    pin.unlink()

    assert _load(pins) is Origin.COPIED
    assert len(pins.pinned()) == len(MAP_NAMES) + 1


def test_a_pin_of_another_shape_is_not_used(pins: StateDirectory, small: BpfObject) -> None:
    """Even under the right name and marker."""
    _load(pins)
    (pin,) = pins.pinned("bans")
    pin.unlink()
    small.map("table").pin(pin)

    assert _load(pins) is Origin.COPIED
    with Map.from_pin(pin) as bans:
        assert bans.key_size == ADDRESS_BYTES


def test_where_nothing_can_be_pinned_it_loads_all_the_same(tmp_path: Path) -> None:
    """A container without bpffs is protected while the daemon lives."""
    assert _load(StateDirectory(tmp_path, None, "no bpffs")) is Origin.NEW


def test_masked_features_leave_their_programs_out() -> None:
    """Without hand-over there is nothing for tc to do."""
    with load(_start(Feature.HANDOVER)) as loaded:
        assert loaded.program(loading.XDP).id
        with pytest.raises(KernelError, match="find program tc_ingress"):
            loaded.program(loading.TC)


@pytest.fixture
def programs() -> Iterator[Programs]:
    """The programs of a data plane that is attached nowhere."""
    start = _start()
    with load(start) as loaded:
        maps = {name: loaded.map(name) for name in MAP_NAMES}
        made = Programs(start, loaded, maps)
        yield made
        made.close()


def test_the_program_for_one_page_is_another_one_over_the_same_maps(programs: Programs) -> None:
    """A driver may refuse packets of several pages."""
    whole, plain = programs.xdp(frags=True), programs.xdp(frags=False)
    frame = bytes(60)
    for program in (whole, plain):
        program.test_run(frame)
    count = programs._maps["reasons"].lookup_percpu(bytes(4))

    assert whole.id != plain.id
    assert sum(int.from_bytes(part, "little") for part in count) == 2


def _rename_marker(pins: StateDirectory) -> None:
    (marker,) = pins.pinned("abi_")
    marker.rename(marker.with_name("abi_other"))
