"""What operators did beside the daemon."""

from ipaddress import ip_network
from pathlib import Path

from floodwall.app.ban_notes import BanNotes
from floodwall.store.words import Word, Words

NET = ip_network("203.0.113.0/24")


def test_words_are_read_as_the_book_asks(tmp_path: Path) -> None:
    """Bans with their end; lifts are taken once."""
    words = Words(tmp_path)
    words.say_ban(NET, Word("2026-01-01T00:00:00+00:00", "", 7))
    words.say_lifted(NET, Word("2026-01-01T00:00:00+00:00", "", 0))
    notes = BanNotes(words)

    assert notes.banned() == {NET: 7}
    assert notes.take_lifted() == {NET}
    assert notes.take_lifted() == frozenset()
