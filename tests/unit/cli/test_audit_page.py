"""The page loads nothing, runs nothing and escapes what it was told."""

from floodwall.audit.report import audit
from floodwall.cli.audit_page import audit_page
from tests.support.audit import FAILING, blind, card, machine


def test_a_finding_is_a_section_with_its_reason_and_fix() -> None:
    """And the three columns are below."""
    page = audit_page(audit(FAILING["cookie-timestamps"](machine())), "web1")
    assert "<h2>TCP timestamps are on where cookies may be sent</h2>" in page
    assert "<dd>sysctl -w net.ipv4.tcp_timestamps=1</dd>" in page
    assert "Runtime, persisted, and the file that wins" in page
    assert "<td>net.core.somaxconn</td><td>4096</td>" in page


def test_names_are_escaped() -> None:
    """An XDP program may be called anything."""
    page = audit_page(audit(card(xdp="<script>x</script>")(machine())), "<b>")
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;x" in page


def test_nothing_is_loaded() -> None:
    """By policy, too."""
    page = audit_page(audit(blind()), "web1")
    assert "default-src 'none'" in page
    assert "src=" not in page.replace("default-src", "").replace("style-src", "")
    assert "no score" in page
