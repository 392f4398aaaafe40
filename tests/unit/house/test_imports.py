"""Imports point one way: cli, app, console, lab -> sense, act, ... -> kernel -> core."""

import pytest

from tests.support.house import imports
from tests.support.tree import sources, text

MODULES = sources("src/floodwall/**/*.py")


@pytest.mark.parametrize("path", MODULES)
def test_no_module_imports_from_a_higher_layer(path: str) -> None:
    """A lower layer does not know the one above it."""
    assert list(imports.against_the_layers(path, text(path))) == []


@pytest.mark.parametrize("path", [path for path in MODULES if "/core/" in path])
def test_the_core_does_no_input_or_output(path: str) -> None:
    """A decision depends on its arguments only."""
    assert list(imports.against_purity(path, text(path))) == []


@pytest.mark.parametrize(
    ("path", "source", "target"),
    [
        ("core/model.py", "from floodwall.kernel.bpf import Map", "kernel"),
        ("kernel/bpf.py", "import floodwall.act.bans", "act"),
        ("sense/links.py", "from floodwall import store", "store"),
        ("lab/run.py", "def late():\n    from floodwall.cli import main", "cli"),
        ("act/bans.py", "from ..sense import counters", "sense"),
        ("app/daemon.py", "import floodwall.lab.topology", "lab"),
    ],
)
def test_an_import_that_points_up_is_seen(path: str, source: str, target: str) -> None:
    """Lazy, relative and package imports count like any other."""
    found = list(imports.against_the_layers(f"src/floodwall/{path}", source))
    assert len(found) == 1
    assert f"may not import {target} " in found[0]


def test_an_import_that_points_down_is_allowed() -> None:
    """What a layer may use raises nothing."""
    source = "import numpy\nfrom floodwall import __version__\nfrom floodwall.core.model import Ban"
    assert list(imports.against_the_layers("src/floodwall/act/bans.py", source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "from time import monotonic",
        "from pathlib import Path",
        "x = open('f')",
        "def f(datetime):\n    return datetime.now()",
    ],
)
def test_a_core_that_reaches_out_is_seen(source: str) -> None:
    """A clock, a file or a process is reported wherever it stands."""
    assert len(list(imports.against_purity("src/floodwall/core/plan.py", source))) == 1


def test_purity_is_asked_of_the_core_only() -> None:
    """Other layers exist to do I/O."""
    assert list(imports.against_purity("src/floodwall/kernel/bpf.py", "import os")) == []


def test_every_package_has_a_place_in_the_layers() -> None:
    """A new package must be put into the table first."""
    packages = {imports.package_of(path) for path in MODULES} - {""}
    assert packages <= set(imports.MAY_IMPORT)
