"""Metrics before the tools that will read them: promtool, and a Prometheus that scrapes."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from floodwall.console.feed import Health, Link, Snapshot, Standing
from floodwall.console.metrics import exposition
from floodwall.core.live import Live
from tests.support.fake_daemon import FLOOD, FLOODED, MACHINE, SSH
from tests.support.household import PORT, Household, eventually
from tests.support.tree import ROOT

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(120)]

UNIT = ROOT / "contrib" / "systemd" / "floodwall-metrics.service"
PROMETHEUS = ROOT / "contrib" / "prometheus"
DASHBOARD = ROOT / "contrib" / "grafana" / "floodwall.json"


def promtool(*words: str, given: bytes = b"") -> None:
    """Let promtool check something; a warning is a failure as well."""
    answer = subprocess.run(
        ["promtool", *words], input=given, capture_output=True, check=False, timeout=30
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr == b""


def test_names_and_units_are_as_prometheus_wants_them() -> None:
    """By its own linter, with every metric that there is."""
    full = replace(FLOODED, totals=dict.fromkeys(FLOODED.rates, 1))
    live = Live(
        1,
        1.0,
        services=(full, SSH),
        machine=MACHINE,
        incidents=(FLOOD,),
        blind={"queues": "x"},
        losses={"queues": 1},
        more_services=1,
        rest={"syns": 1.0},
    )
    standing = Standing(uptime_s=1.0, lease_s=1.0, bans=1, never_ban=1)
    snapshot = Snapshot(Link.LIVE, 1.0, 1.0, standing=standing, live=live, health=Health())

    promtool("check", "metrics", given=exposition(snapshot))


def test_the_rules_are_valid_and_fire_when_they_should() -> None:
    """And stay silent on a usual day."""
    promtool("check", "rules", str(PROMETHEUS / "alerts.yml"))
    promtool("test", "rules", str(PROMETHEUS / "alerts.test.yml"))


def test_every_question_of_the_dashboard_is_valid(tmp_path: Path) -> None:
    """Its variables are filled in as Grafana does."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    filled = [expr.replace("$instance", ".*").replace("$__rate_interval", "1m") for expr in asked]
    rules = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(filled)]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))

    promtool("check", "rules", str(file))


def query(home: Household, port: int, expression: str) -> float | None:
    """Ask a Prometheus beside the server for one value."""

    def ask() -> float | None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", f"/api/v1/query?{urlencode({'query': expression})}")
            found = json.loads(connection.getresponse().read())["data"]["result"]
        except (OSError, KeyError, ValueError):
            return None
        finally:
            connection.close()
        return float(found[0]["value"][1]) if found else None

    return home.inside(home.server, ask)


def start_prometheus(home: Household, folder: Path, scraped: int) -> int:
    """Start a Prometheus beside the server, with our rules; return its port."""
    port = 9090
    config = folder / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        f"rule_files: [{PROMETHEUS / 'alerts.yml'}]\n"
        "scrape_configs:\n- job_name: floodwall\n  static_configs:\n"
        f"  - targets: ['127.0.0.1:{scraped}']\n"
    )
    # Its words go into a file: nobody here reads them while it runs.
    words = f'exec "$@" >{folder}/prometheus.log 2>&1'
    home.start(
        *(home.server, "sh", "-c", words, "sh", "prometheus", f"--config.file={config}"),
        *(f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"),
    )
    return port


def test_a_prometheus_scrapes_a_flood_and_the_death_of_the_daemon(
    home: Household, tmp_path: Path
) -> None:
    """With our rules: attack and death become alerts there."""
    daemon = home.daemon()
    process = home.start(
        *(home.server, sys.executable, "-m", "tests.support.sandbox", str(UNIT), str(tmp_path)),
        *("--", sys.executable, "-u", "-m", "floodwall", "metrics", "--listen", "127.0.0.1:9824"),
    )
    assert process.stdout
    assert process.stdout.readline() == "serves http://127.0.0.1:9824/metrics\n"
    port = start_prometheus(home, tmp_path, 9824)

    def reads(expression: str) -> Callable[[], bool]:
        return lambda: bool(query(home, port, expression))

    assert eventually(reads("floodwall_up == 1")), (tmp_path / "prometheus.log").read_text()
    assert query(home, port, "floodwall_service_users_get_in") == 1

    def attacked() -> bool:
        home.flood(3000)
        return reads('ALERTS{alertname="FloodwallAttack", alertstate="firing"}')()

    assert eventually(attacked)
    assert reads(f'floodwall_service_syns_total{{service=~".*:{PORT}.*"}} > 1000')()
    assert daemon.end(signal.SIGKILL) < 0
    assert eventually(reads("floodwall_up + 1 == 1"))
    assert eventually(reads('ALERTS{alertname="FloodwallDown"}'))
    assert query(home, port, "floodwall_healthy") is None
    process.terminate()
    assert process.wait(20) == 0
