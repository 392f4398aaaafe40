"""The operator's words."""

import json
from ipaddress import ip_network
from pathlib import Path

from floodwall.store.words import Word, Words

NET = ip_network("198.51.100.0/24")
NET6 = ip_network("2001:db8::/48")


def word(reason: str, until_ns: int = 0) -> Word:
    """Say something."""
    return Word("2026-11-20T18:00:00+00:00", reason, until_ns)


def test_reasons_are_kept_apart(tmp_path: Path) -> None:
    """A ban and an allowance of one network do not mix."""
    words = Words(tmp_path)
    words.say_ban(NET, word("noisy"))
    words.say_allowed(NET, word("ours"))
    words.say_allowed(NET6, word("ours, too"))

    assert words.bans() == {NET: word("noisy")}
    assert words.allowed(1) == {NET: word("ours"), NET6: word("ours, too")}


def test_words_are_taken_back(tmp_path: Path) -> None:
    """And the answer says whether there were any."""
    words = Words(tmp_path)
    words.say_allowed(NET, word("ours"))
    words.say_ban(NET6, word("noisy"))
    words.forget_ban(NET6)

    assert words.forget_allowed(NET)
    assert not words.forget_allowed(NET)
    assert words.bans() == {}
    assert words.allowed(1) == {}


def test_an_allowance_ends(tmp_path: Path) -> None:
    """At its time, not before."""
    words = Words(tmp_path)
    words.say_allowed(NET, word("for a while", until_ns=100))

    assert NET in words.allowed(99)
    assert NET not in words.allowed(100)


def test_a_damaged_word_silences_no_other(tmp_path: Path) -> None:
    """Nor does a file of another shape stop anybody."""
    words = Words(tmp_path)
    words.say_ban(NET, word("noisy"))
    file = tmp_path / "words.json"
    stored = json.loads(file.read_text())
    stored["bans"] |= {"nonsense": stored["bans"][str(NET)], "192.0.2.1/32": {"a": 1}}
    file.write_text(json.dumps(stored))
    assert words.bans() == {NET: word("noisy")}

    file.write_text("[1]")
    assert words.bans() == {}
    words.say_ban(NET, word("noisy"))
    assert words.bans() == {NET: word("noisy")}
