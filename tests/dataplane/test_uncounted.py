"""Machines without a data plane: floods are named all the same, and what is not seen is said."""

from __future__ import annotations

import time
from threading import Event, Thread

import pytest

from floodwall.core.summary import MACHINE
from tests.support.household import PORT, Household

pytestmark = [pytest.mark.root, pytest.mark.live]


@pytest.mark.parametrize("mask", ["xdp", "xdp,nftables,routes"], ids=["nftables", "observe"])
def test_a_flood_is_named_where_nothing_counts_syns(home: Household, mask: str) -> None:
    """By the queue and the cookies of the stack, three seconds after its first SYN at most."""
    home.listen(port=4430, backlog=256)
    daemon = home.daemon(mask=mask)
    daemon.wait_for(lambda line: line.get("services") == 2 and MACHINE in line["verdicts"])
    flooding = Event()

    def flood() -> None:
        for burst in range(100):
            home.flood(150, first=150 * burst)
            if flooding.wait(0.1):
                return

    thread = Thread(target=flood)
    began = time.monotonic()
    thread.start()
    try:
        told = daemon.wait_for_event("SYN flood from forged addresses")
        took_s = time.monotonic() - began
        code, status = home.status()
    finally:
        flooding.set()
        thread.join(5)
    named = {each["plan"]["name"].split()[0]: each["verdict"] for each in status["services"]}

    assert took_s < 3.5  # with the time that saying and reading it takes
    assert ":8080" in told
    assert code == 1
    assert "spoofed flood" in named[f"[::]:{PORT}"]
    assert "calm" in named["[::]:4430"]
    assert status["counted"] is False
    for verb in ("arm", "calm"):
        refused = home.floodwall(verb, str(PORT))
        assert refused.returncode == 3
        assert "nothing can challenge SYNs here" in refused.stderr
        assert "XDP: " in refused.stderr  # why not
    assert home.reachable()
    assert daemon.end() == 0
