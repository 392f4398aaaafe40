"""The part of YAML that is read, and that the rest is refused and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.errors import ConfigError
from floodwall.fleet.yaml_tree import DEEPEST, Opaque, parse_tree


def test_mappings_and_scalars_are_read() -> None:
    """Quotes, comments, nothing, and what is stepped over."""
    text = (
        "%s# comment\n"
        "plain: a b # comment\n"
        "hash: a#b\n"
        "'single': 'it''s' # c\n"
        '"double": "x: y"\n'
        "nothing: ~\n"
        "empty:\n"
        "flow: {a: 1, b: x}\n"
        "none: {}\n"
        "list: [1, 2]\n"
        "items:\n"
        "- a\n"
        "- b: c\n"
        "  d: e\n"
        "deeper:\n"
        "    - x\n"
        "block: |-\n"
        "  trap: web\n"
        "\n"
        "    more: web\n"
        "vault: !vault |\n"
        "  66\n"
        "below:\n"
        "   a::1:\n"
        "   last: 1\n"
    )
    assert parse_tree(text % "---\n", "x") == {
        "plain": "a b",
        "hash": "a#b",
        "single": "it's",
        "double": "x: y",
        "nothing": None,
        "empty": None,
        "flow": {"a": "1", "b": "x"},
        "none": {},
        "list": Opaque.VALUE,
        "items": Opaque.VALUE,
        "deeper": Opaque.VALUE,
        "block": Opaque.VALUE,
        "vault": Opaque.VALUE,
        "below": {"a::1": None, "last": "1"},
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: &x 1\n", 1),
        ("a: *x\n", 1),
        ("<<: *x\n", 1),
        ("a: !!python/object:os.system x\n", 1),
        ('a: "two\n  b: lines"\n', 1),
        ("a: two\n  lines\n", 2),
        ("a: {b: {c: 1}}\n", 1),
        ("a: {b: 1,\n  c: 2}\n", 1),
        ("a: [1,\n  2]\n", 1),
        ("a: b: c\n", 1),
        ("a: 1\na: 2\n", 2),
        ("a:\n\tb: 1\n", 2),
        ("a: 1\n---\nb: 1\n", 2),
        ("- a\n", 1),
        ("? a\n: b\n", 1),
        ("  a: 1\nb: 2\n", 2),
        ("a:\n    b: 1\n  c: 2\n", 3),
        ("just words\n", 1),
        ("a: `x`\n", 1),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(text: str, line: int) -> None:
    """Anchors, tags, and what goes on over lines: no guess is made."""
    with pytest.raises(ConfigError, match=f"^x:{line}: "):
        parse_tree(text, "x")


def test_depth_is_bounded() -> None:
    """Before Python's own stack is."""
    text = "".join(f"{' ' * number}a:\n" for number in range(5000))
    with pytest.raises(ConfigError, match=str(DEEPEST)):
        parse_tree(text, "x")


def test_nothing_is_an_empty_mapping() -> None:
    """Comments alone, too."""
    assert parse_tree("\n# nothing\n---\n", "x") == {}


@given(st.text(alphabet="ab:-# {}[]'\"|>&*!?\n\t~,", max_size=60))
def test_anything_is_read_or_refused(text: str) -> None:
    """No other error, whatever it is."""
    try:
        parse_tree(text, "x")
    except ConfigError as error:
        assert error.message.startswith("x:")  # noqa: PT017 # either is right
