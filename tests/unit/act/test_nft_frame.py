"""The table of our own as commands and as listed."""

import pytest

from floodwall.act.nft_frame import frame, frame_of, is_foreign, set_name, shape
from floodwall.kernel.nftables import Json

LISTED: list[Json] = [
    {"table": {"family": "inet", "name": "floodwall", "handle": 1}},
    {"set": {"name": "v4_32", "type": "ipv4_addr", "handle": 3, "elem": [{"elem": {}}]}},
    {"chain": {"name": "judge", "handle": 2}},
    {
        "rule": {
            "chain": "judge",
            "handle": 9,
            "expr": [{"counter": {"packets": 7, "bytes": 99}}, {"drop": None}],
        }
    },
]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("v4_32", (4, 32)),
        ("v6_48", (6, 48)),
        ("never4", None),
        ("v4", None),
        ("v5_32", None),
        ("v4_032", None),
        ("v4_x", None),
    ],
)
def test_a_set_of_bans_is_known_by_its_name(name: str, found: tuple[int, int] | None) -> None:
    """Others are not taken for one."""
    assert shape(name) == found
    assert found is None or set_name(*found) == name


def test_each_prefix_length_has_its_set_and_rule() -> None:
    """The longest of each version first; what is not a set of bans is left out."""
    commands = frame(["v4_24", "v6_64", "v4_32", "never4", "somebodys"])
    rules = [each for each in commands if each.startswith("add rule inet floodwall bans")]

    assert [rule.removeprefix("add rule inet floodwall bans ") for rule in rules] == [
        "ip saddr @v4_32 goto judge",
        "ip saddr & 255.255.255.0 @v4_24 goto judge",
        "ip6 saddr & ffff:ffff:ffff:ffff:: @v6_64 goto judge",
    ]
    assert "add rule inet floodwall judge ip saddr @never4 counter return" in commands
    assert commands[-1] == "add rule inet floodwall judge counter drop"
    assert any("priority -450" in each for each in commands)


def test_what_changes_by_itself_is_not_part_of_the_frame() -> None:
    """Elements, counters and handles come and go; a rule of somebody else shows."""
    bare = frame_of(LISTED)
    more = [*LISTED, {"rule": {"chain": "judge", "expr": [{"accept": None}]}}]

    assert bare == [
        {"set": {"name": "v4_32", "type": "ipv4_addr"}},
        {"chain": {"name": "judge"}},
        {"rule": {"chain": "judge", "expr": [{"counter": None}, {"drop": None}]}},
    ]
    assert frame_of(more) != bare


def test_a_table_of_our_name_may_be_somebody_elses() -> None:
    """It is, if nothing in it is ours; an empty one is nobody's."""
    assert is_foreign([{"table": {}}, {"chain": {"name": "theirs"}}])
    assert not is_foreign(LISTED)
    assert not is_foreign([{"table": {}}])
    assert not is_foreign([])
