"""Names of ailments."""

from floodwall.core.diagnosis.ailment import Ailment
from floodwall.core.verdict import Kind


def test_what_the_daemon_names_too_is_called_the_same() -> None:
    """One word for one idea."""
    shared = {Kind.SPOOFED_FLOOD, Kind.FLASH_CROWD, Kind.SLOW_APPLICATION,
              Kind.CONNECTION_FLOOD, Kind.SYN_SCAN, Kind.ACK_FLOOD}  # fmt: skip

    assert {kind.value for kind in Kind} & {one.value for one in Ailment} == {
        kind.value for kind in shared
    }
