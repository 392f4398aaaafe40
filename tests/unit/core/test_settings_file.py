"""Reading the settings file."""

from contextlib import suppress
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.settings import OnDeath, Settings
from floodwall.core.settings_file import SettingsError, parse_settings


def problems(text: str) -> list[str]:
    """Return every problem of a text."""
    with pytest.raises(SettingsError) as raised:
        parse_settings(text, "fw.toml")
    return [str(problem) for problem in raised.value.problems]


def test_an_empty_file_is_the_defaults() -> None:
    """Nothing must be set."""
    assert parse_settings("", "fw.toml") == Settings()


def test_values_are_taken() -> None:
    """Numbers, names, lists and networks arrive as what they are."""
    settings = parse_settings(
        '[arming]\nhold_s = 7\n[protect]\nnever_ban = ["10.0.0.0/8", "::1"]\n'
        '[daemon]\non_death = "open"\n[attach]\ninterfaces = ["eth0"]\n',
        "fw.toml",
    )

    assert settings.arming.hold_s == 7
    assert settings.protect.never_ban == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert settings.daemon.on_death is OnDeath.OPEN
    assert settings.attach.interfaces == ("eth0",)


def test_all_mistakes_are_told_at_once() -> None:
    """Each has file, line, key, what is wrong and, where one is near, what was meant."""
    text = """[attach]
mode = "nativ"
[armng]
hold_s = 5
[arming]
hold = 5
hold_s = "5"
[services]
armed_ports = [80, 99999]
[protect]
never_ban = ["10.0.0.1/8"]
[bans]
source_max = 4
zzzzz = 1
"""

    assert problems(text) == [
        "fw.toml:2: attach.mode: input should be 'auto', 'native' or 'generic', not 'nativ'",
        "fw.toml:3: armng: unknown key (did you mean [arming]?)",
        "fw.toml:6: arming.hold: unknown key (did you mean arming.hold_s?)",
        "fw.toml:7: arming.hold_s: input should be a valid number, not '5'",
        "fw.toml:9: services.armed_ports: 99999 is not a TCP port (1 to 65535)",
        (
            "fw.toml:11: protect.never_ban: value is not a valid IPv4 or IPv6 network,"
            " not '10.0.0.1/8' (did you mean 10.0.0.0/8?)"
        ),
        "fw.toml:13: bans.source_max: unknown key (did you mean debt.source_max?)",
        (
            "fw.toml:14: bans.zzzzz: unknown key (known here: first_s, growth, longest_s,"
            " forget_s, close, per_minute, max_networks, space_share, max_count, shortest_ipv4,"
            " shortest_ipv6)"
        ),
    ]


def test_contradictions_are_found() -> None:
    """Values that are fine alone may not be together."""
    text = """[arming]
high_share = 0.1
low_share = 0.2
[services]
observe_ports = [80]
exclude_ports = [80]
[bans]
first_s = 900
longest_s = 600
shortest_ipv4 = 24
[recipes]
subnet = 50
subnet_ipv4 = 20
"""

    assert problems(text) == [
        "fw.toml:3: arming.low_share: must be below arming.high_share: 0.2 is not below 0.1",
        "fw.toml:6: services.exclude_ports: port 80 is in services.observe_ports too",
        "fw.toml:9: bans.longest_s: must not be below bans.first_s: 600.0 is below 900.0",
        (
            "fw.toml:12: recipes.subnet: bans hosts that did nothing;"
            " needs recipes.i_know_sources_can_be_forged = true"
        ),
        (
            "fw.toml:13: recipes.subnet_ipv4: /20 is wider than /24,"
            " the widest prefix that may be banned"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[arming]\nhold_s = \n", "fw.toml:2: not valid TOML: Invalid value"),
        ("[arming", "fw.toml:1: not valid TOML: Expected ']' at the end of a table declaration"),
        ("[arming]\nhold_s = inf\n", "fw.toml:2: arming.hold_s: input should be a finite number"),
        ("[protect]\nnever_ban = ['::/0']\n", "fw.toml:2: protect.never_ban: ::/0 would cover all"),
        ("arming = 5\n", "fw.toml:1: arming: "),
        ("[arming]\nhold_s = 2026-01-01\n", "fw.toml:2: arming.hold_s: "),
    ],
)
def test_broken_files_are_errors(text: str, problem: str) -> None:
    """The line is told also where TOML itself is broken."""
    assert problems(text)[0].startswith(problem)


@given(st.text(max_size=60))
def test_no_text_crashes_the_reader(text: str) -> None:
    """Any text gives settings or a SettingsError."""
    with suppress(SettingsError):
        parse_settings(text, "fw.toml")
