"""The files of the console."""

from __future__ import annotations

import hashlib
import re

from floodwall.console.web.files import VENDORED, read_files

FIRST_LOAD_BYTES = 200_000


def test_outside_code_is_what_was_looked_at() -> None:
    """Byte for byte, with its licence."""
    files = read_files()
    for name, sha256 in VENDORED.items():
        assert hashlib.sha256(files[name].content).hexdigest() == sha256
    assert b"MIT License" in files["uplot.LICENSE"].content


def test_the_first_load_is_small() -> None:
    """All there is, uncompressed."""
    assert sum(len(file.content) for file in read_files().values()) <= FIRST_LOAD_BYTES


def test_nothing_is_asked_of_other_sites_and_nothing_is_inline() -> None:
    """The policy would stop it; the pages do not try."""
    for name, file in read_files().items():
        if name in VENDORED or name.endswith((".svg", ".LICENSE")):
            continue
        text = file.content.decode()
        assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//", text), name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", text), name
        assert not re.search(r"\beval\(|new Function|\son\w+=\"", text), name
    page = read_files()["index.html"].content.decode()
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_every_file_that_a_page_names_is_there() -> None:
    """Modules and styles alike."""
    files = read_files()
    for name, file in files.items():
        if name in VENDORED or not name.endswith((".js", ".html")):
            continue
        text = file.content.decode()
        found = re.findall(r"/static/([\w.-]+)", text) + re.findall(r"from \"\./([\w.-]+)\"", text)
        assert set(found) <= files.keys(), name
