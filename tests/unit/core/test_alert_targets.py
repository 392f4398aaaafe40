"""The file of targets: what is taken, and that its secrets stay in it."""

from __future__ import annotations

import pytest

from floodwall.core.alert_targets import TARGETS_MAX, parse_targets
from floodwall.core.alerting import trial_message
from floodwall.core.errors import ConfigError
from tests.support.alerts import AlertBook, flood

SECRET = "correct-horse-battery"  # noqa: S105  a secret of nobody
FILE = f"""
[ops]
url = "mailtos://user:{SECRET}@mail.example.org"
[pager]
url = "pagerduty://{SECRET}@key"
least = "critical"
[boss]
exec = "/usr/local/libexec/call"
escalation = true
[own]
webhook = "https://hooks.example.org/{SECRET}"
secret = "{SECRET}"
"""


def test_three_ways_are_taken() -> None:
    """Apprise, our webhook, a program."""
    targets = parse_targets(FILE, "targets")

    assert list(targets) == ["ops", "pager", "boss", "own"]
    assert SECRET not in repr(targets)


def test_each_hears_what_it_asked_for() -> None:
    """A warning goes to those who want all; a test goes to everybody."""
    targets = parse_targets(FILE, "targets")
    (warning,) = (AlertBook() >> flood(0)).messages

    assert [name for name, each in targets.items() if each.wants(warning)] == ["ops", "own"]
    assert all(each.wants(trial_message(0.0)) for each in targets.values())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[a]\n", "needs one of url, webhook and exec"),
        (f'[a]\nurl = "x://{SECRET}"\nexec = "/x"\n', "needs one of"),
        (f'[a]\nurl = "{SECRET}"\n', "no Apprise address"),
        (f'[a]\nwebhook = "ftp://{SECRET}"\n', "https:// or http://"),
        (f'[a]\nwebhook = "https://{SECRET}"\n', "needs a secret"),
        (f'[a]\nwebhook = "https://{SECRET}"\nsecret = "short"\n', "at least 16"),
        (f'[a]\nurl = "x://y"\nsecret = "{SECRET}"\n', "only a webhook has a secret"),
        ('[a]\nexec = "call me"\n', "absolute path"),
        (f'[a]\nurl = "x://y"\npassword = "{SECRET}"\n', "a.password: Extra inputs"),
        (f'[a]\nurl = "x://y"\nleast = "{SECRET}"\n', "a.least"),
        (f'a = "{SECRET}"\n', "outside of a table"),
        (f"[a]\nurl = {SECRET}\n", "not valid TOML (at line 2"),
        (f'["{"x" * 50}"]\nurl = "{SECRET}"\n', "a target's name"),
        ("\n".join(f"[t{n}]" for n in range(TARGETS_MAX + 1)), "33 targets, at most 32"),
    ],
)
def test_a_mistake_is_named_without_its_secret(text: str, why: str) -> None:
    """The file may be wrong; what it holds is shown to nobody."""
    with pytest.raises(ConfigError) as caught:
        parse_targets(text, "targets")
    assert why in caught.value.message
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"
