"""What a change of settings means."""

from __future__ import annotations

from floodwall.core.difference import NAMED_MAX, differences, preview
from floodwall.core.settings_file import parse_settings
from tests.support.playbook import Playbook, listener, quiet


def test_every_setting_that_differs_is_named() -> None:
    """With what it was and what it would be, and nothing else."""
    before = parse_settings("[arming]\nhold_s = 7\n", "a")
    after = parse_settings(
        '[arming]\nhold_s = 9\n[protect]\nnever_ban = ["192.0.2.0/24"]\n'
        '[services]\nmode = "strict"\n',
        "b",
    )

    assert list(differences(before, before)) == []
    assert sorted(differences(before, after)) == [
        "arming.hold_s: 7.0 -> 9.0",
        "protect.never_ban: [] -> [192.0.2.0/24]",
        "services.mode: protect -> strict",
    ]


def test_a_long_list_is_cut() -> None:
    """An operator reads how much more there is."""
    networks = ", ".join(f'"10.{n}.0.0/16"' for n in range(30))
    after = parse_settings(f"[protect]\nnever_ban = [{networks}]\n", "b")
    (line,) = differences(parse_settings("", "a"), after)

    assert line.endswith(f"10.{NAMED_MAX - 1}.0.0/16 and {30 - NAMED_MAX} more]")


def test_the_preview_is_what_will_be_done() -> None:
    """Limits of a service, the never-ban set, the endpoints; nothing for the same settings."""
    seen = quiet(1, targets=(listener(),))
    state = (Playbook() >> seen).state
    assert list(preview(state, state.settings, seen)) == []

    after = parse_settings(
        "[arming]\nhold_s = 9\n[debt]\nsource_max = 3\n"
        '[protect]\nnever_ban = ["192.0.2.0/24"]\n[daemon]\non_death = "open"\n',
        "b",
    )
    lines = list(preview(state, after, seen))
    assert "limits of *:80: hold_ns 5000000000 -> 9000000000" in lines
    assert "limits of the machine: debt_source_max 16 -> 3" in lines
    assert "never-ban set: add 192.0.2.0/24" in lines
    assert "lease: 5s" in lines
    assert len(lines) == 4


def test_a_port_that_is_left_alone_is_told() -> None:
    """Which endpoints go, and what the journal will say."""
    seen = quiet(1, targets=(listener(),))
    state = (Playbook() >> seen).state
    after = parse_settings("[services]\nexclude_ports = [80]\n", "b")
    lines = list(preview(state, after, seen))

    assert any(line.startswith("protected endpoints: remove ") for line in lines)
    assert any("no longer protects *:80" in line for line in lines)


def test_a_preview_changes_nothing() -> None:
    """The state is what it was."""
    seen = quiet(1, targets=(listener(),))
    book = Playbook() >> seen
    before = book.state
    list(preview(book.state, parse_settings("[arming]\nhold_s = 9\n", "b"), seen))

    assert book.state is before
