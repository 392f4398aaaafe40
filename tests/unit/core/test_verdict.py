"""The words for what is going on."""

from floodwall.core.verdict import Kind


def test_crowds_and_slow_applications_are_no_attack() -> None:
    """Nobody means harm."""
    assert [kind for kind in Kind if not kind.is_attack] == [
        Kind.CALM,
        Kind.FLASH_CROWD,
        Kind.SLOW_APPLICATION,
    ]
