"""What all pages share."""

from floodwall.forensics.outputs.frame import BAR, capital, framed, table

EVIL = "<script>alert(1)</script>"


def test_a_page_lets_nothing_be_loaded_or_run() -> None:
    """Whatever its title says."""
    page = framed(EVIL, ["<p>one</p>", "<p>two</p>"], "p{margin:0}")

    assert page.startswith("<!DOCTYPE html>")
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in page
    assert "<script" not in page
    assert "<title>&lt;script&gt;" in page
    assert "p{margin:0}</style>" in page
    assert "<body>\n<p>one</p>\n<p>two</p>\n</body>" in page


def test_a_table_escapes_all_but_its_bars() -> None:
    """And says nothing where it has no rows."""
    shown = table(EVIL, (EVIL, BAR), [(EVIL, "<svg/>")])

    assert "<script" not in shown
    assert "<td><svg/></td>" in shown
    assert table("empty", ("one",), []) == ""


def test_a_long_text_is_cut() -> None:
    """At the length that the caller allows."""
    assert "<td>aaaa…</td>" in table("", ("one",), [("a" * 9,)], 5)


def test_a_sentence_begins_with_a_capital() -> None:
    """An empty one stays empty."""
    assert (capital("a flood"), capital("")) == ("A flood", "")
