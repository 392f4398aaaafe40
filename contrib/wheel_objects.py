"""Puts the compiled BPF programs into a wheel, so that it runs where there is no compiler.

The object is the same on every little-endian processor, so the wheel stays pure.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PROGRAMS = ("floodwall", "gateway", "flood", "replay")


class WheelObjects(BuildHookInterface[Any]):
    """Compiles each program and adds it as floodwall/objects/NAME.bpf.o."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, except for an editable install, which compiles on first use."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        from floodwall.kernel.build import compile_object  # noqa: PLC0415 # the path is set above

        for name in PROGRAMS:
            place = f"floodwall/objects/{name}.bpf.o"
            build_data["force_include"][str(compile_object(name))] = place
