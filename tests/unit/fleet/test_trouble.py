"""What ssh said is told as who must act, and harmless."""

import pytest

from floodwall.fleet.trouble import LONGEST, Kind, TroubleError, diagnose

CHANGED = """\
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
Host key verification failed.
"""


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (255, "Host key verification failed.", Kind.UNKNOWN_KEY),
        (255, "No ED25519 host key is known for web1 and you have requested", Kind.UNKNOWN_KEY),
        (255, CHANGED, Kind.CHANGED_KEY),
        (255, "root@web1: Permission denied (publickey).", Kind.LOGIN),
        (255, "ssh: connect to host web1 port 22: Connection timed out", Kind.TIMEOUT),
        (255, "ssh: connect to host web1 port 22: Connection refused", Kind.UNREACHABLE),
        (255, "", Kind.UNREACHABLE),
        (1, "sudo: a password is required", Kind.PRIVILEGE),
        (127, "ksh: sh: not found", Kind.ANSWER),
        (0, "", Kind.ANSWER),
    ],
)
def test_each_has_its_kind(code: int, said: str, kind: Kind) -> None:
    """By the words of OpenSSH and of sudo."""
    assert diagnose(code, said, "look").trouble.kind is kind


def test_an_unknown_key_comes_with_the_command_that_shows_it() -> None:
    """And nothing accepts it for the operator."""
    hint = diagnose(255, "Host key verification failed.", "ssh-keyscan x").trouble.hint
    assert hint.startswith("ssh-keyscan x ")


def test_what_the_other_end_said_is_one_harmless_line() -> None:
    """The last one, without what steers a terminal, and not more than fits."""
    text = diagnose(255, "banner\n\x1b]0;owned\x07 " + "x" * 5000, "look").trouble.text
    assert text.isprintable()
    assert len(text) == LONGEST
    assert "banner" not in text
    assert TroubleError(Kind.ANSWER, "a\n\tb").trouble.text == "a b"
