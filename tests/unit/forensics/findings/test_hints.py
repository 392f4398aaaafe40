"""Facts that prove nothing."""

from floodwall.forensics.evidence import Sign
from floodwall.forensics.findings.hints import hints
from floodwall.forensics.partial import Mark, Partial, Suppressed


def test_every_sign_has_its_words() -> None:
    """And its count, times and places."""
    partial = Partial()
    for sign in Sign:
        partial.mark(Mark(5.0, sign, 80, "192.0.2.1", "sending cookies", 3))
    found = {hint.name: hint for hint in hints(partial)}
    assert set(found) == {sign.value for sign in Sign}
    hint = found["possible_syn_flooding"]
    assert (hint.count, hint.first, hint.last) == (3, 5.0, 5.0)
    assert hint.details == ("192.0.2.1 port 80: sending cookies",)


def test_what_is_not_counted_is_told() -> None:
    """Suppressed messages of others, and forged lines."""
    partial = Partial()
    partial.suppress(Suppressed(1.0, 60, network=False))
    partial.distrust("a forged line")
    found = {hint.name: hint.count for hint in hints(partial)}
    assert found == {"suppressed_elsewhere": 60, "untrusted_lines": 1}
