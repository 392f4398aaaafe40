"""Three machines behind a real sshd each: looked at, hardened, and taken back to the byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.audit.plan import FILE
from floodwall.audit.profile import Profile
from floodwall.fleet import hardening
from floodwall.fleet.hardening import harden_host, plan_host
from floodwall.fleet.host import parse_host
from floodwall.fleet.session import Wire
from floodwall.fleet.trouble import TroubleError
from tests.support.household import eventually
from tests.support.outposts import Outposts, outposts

pytestmark = pytest.mark.root

NAMES = ("web1", "web2", "web3")
COOKIES = "net.ipv4.tcp_syncookies"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outposts]:
    """Return three machines that are alike, but for the cookies of the second."""
    with outposts(tmp_path_factory.mktemp("outposts"), *NAMES) as made:
        made["web2"].set(COOKIES, "0")
        yield made


def test_the_one_with_cookies_off_is_found_mended_and_taken_back(three: Outposts) -> None:
    """First in the matrix; a second run changes nothing; then not a byte is different."""
    before = {name: three[name].state() for name in NAMES}
    code, out, errors = three.floodwall("audit", *NAMES)
    lines = out.splitlines()
    assert (code, lines[0]) == (1, "3 machines looked at: web2 differs from the others"), errors
    assert lines[3].startswith("  critical  syncookies: 0")
    assert {name: three[name].state() for name in NAMES} == before

    code, out, errors = three.floodwall("harden", "--yes", *NAMES)
    assert code == 0, out + errors
    assert [three[name].get(COOKIES) for name in NAMES] == ["1\n"] * 3
    assert f"{COOKIES} = 1\n" in (three["web2"].here / FILE[1:]).read_text()
    hardened = {name: three[name].state() for name in NAMES}

    code, out, errors = three.floodwall("harden", "--yes", "web2")
    assert (code, "web2:\n  nothing to do" in out) == (0, True), out + errors
    assert {name: three[name].state() for name in NAMES} == hardened

    code, out, errors = three.floodwall("harden", "--rollback", *NAMES)
    assert code == 0, out + errors
    assert three["web2"].get(COOKIES) == "0\n"
    assert {name: three[name].state() for name in NAMES} == before


def test_machines_that_cannot_be_reached_stop_no_other(three: Outposts) -> None:
    """Each says why; no host key is ever taken in silence."""
    config, common = three.common / "other_config", three.common
    (common / "wrong_hosts").write_text(
        f"{three['web1'].address} {(three['web2'].here / 'hostkey.pub').read_text()}"
    )
    address = f"HostName {three['web1'].address}"
    config.write_text(
        f"Host stranger\n  {address}\n  UserKnownHostsFile {common}/no_hosts\n"
        f"Host changed\n  {address}\n  UserKnownHostsFile {common}/wrong_hosts\n"
        f"Host keyless\n  {address}\n  User nobody\n"
        f"Host closed\n  {address}\n  Port 23\n"
        f"Match all\n  Include {common}/ssh_config\n"
    )
    hosts = ("stranger", "changed", "keyless", "closed", "web3")
    code, out, errors = three.floodwall(
        "doctor", "--json", "--window", "1s", "--ssh-config", str(config), *hosts
    )
    found = json.loads(out)
    assert (code, found["looked_at"], found["hosts"][0]["host"]) == (1, 1, "web3"), errors
    troubles = {each["host"]: each["trouble"] for each in found["hosts"][1:]}
    assert {name: each["kind"] for name, each in troubles.items()} == {
        "stranger": "unknown host key",
        "changed": "changed host key",
        "keyless": "login refused",
        "closed": "unreachable",
    }
    look = f"ssh-keyscan {three['web1'].address} | ssh-keygen -lf - "
    assert troubles["stranger"]["hint"].startswith(look)
    assert not (common / "no_hosts").exists()


def test_a_machine_whose_connection_is_cut_takes_everything_back(
    three: Outposts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut after the change and before it was kept; nobody is there to say so."""
    web3 = three["web3"]
    journal = web3.here / "var/lib/floodwall/harden/ssh/journal"
    program = three.common / "ssh-that-is-cut"
    program.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *ControlPath=none*) cp {journal} {three.common}\n'
        f"  ip -n {web3.namespace} link set eth0 down ;; esac\n"
        f'exec nsenter --net=/run/netns/{three.home} ssh "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(hardening, "_SLACK_S", -24)
    wire = Wire(str(program), three.common / "ssh_config", timeout_s=15.0)
    web3.set(COOKIES, "0")
    before = web3.state()
    host = parse_host("web3")
    plan = plan_host(host, wire, Profile.WEB, None)
    with pytest.raises(TroubleError, match="changed, and not kept") as caught:
        harden_host(host, plan, wire)
    assert caught.value.trouble.hint == "it goes back by itself within 6 s"
    assert "tcp_syncookies to 1" in (three.common / "journal").read_text()
    assert eventually(lambda: not Path(web3.here, "var/lib/floodwall").exists(), 20)
    # What the link was taken down by is no sysctl of ours.
    assert web3.state()[1] == before[1]
    assert web3.get(COOKIES) == "0\n"
