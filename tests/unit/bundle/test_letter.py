"""Letters to abuse desks."""

import json
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from floodwall.bundle.letter import letter_of
from floodwall.bundle.telling import Material
from floodwall.bundle.xarf import xarf_of
from tests.support.cases import ABUSER, EVIL, REPORTER, case_in, material_of, write_record


@pytest.fixture
def made(tmp_path: Path) -> Material:
    """Keep a flood with two abusers, whose texts are hostile."""
    return material_of(case_in(write_record(tmp_path, evil=True)))


def letter(made: Material) -> bytes:
    """Write the letter about the worst."""
    source = made.accused[0]
    row = replace(source.decisions[0], text=EVIL)
    source = replace(source, decisions=[row])
    xarf = xarf_of(made.case, source, made.victim, REPORTER)
    return letter_of(made.case, source, made.victim, REPORTER, xarf)


def test_it_can_be_read_by_people_and_by_machines(made: Material) -> None:
    """A text, and the report behind it."""
    found = message_from_bytes(letter(made), _class=EmailMessage, policy=SMTP)
    body = found.get_body()
    (attached,) = found.iter_attachments()

    assert body is not None
    assert f"Source: {ABUSER}, for instance TCP port 40001" in body.get_content()
    assert json.loads(attached.get_content())["source_identifier"] == ABUSER
    assert attached.get_filename() == "xarf.json"


def test_nobody_but_the_operator_says_where_it_goes(made: Material) -> None:
    """No recipient, no date, and no head that a hostile text has smuggled in."""
    found = message_from_bytes(letter(made), _class=EmailMessage, policy=SMTP)

    assert set(found.keys()) == {
        "From",
        "Subject",
        "X-Floodwall-Incident",
        "MIME-Version",
        "Content-Type",
    }
    assert "\x1b" not in letter(made).decode()


def test_it_is_the_same_each_time(made: Material) -> None:
    """Its boundary is not drawn by lot."""
    assert letter(made) == letter(made)
