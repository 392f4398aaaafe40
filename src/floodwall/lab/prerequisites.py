"""What the lab needs of this machine, told all at once and before anything is set up."""

import os
import shutil

from floodwall.core.errors import NotSupported

_TOOLS = {
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "ethtool": "ethtool",
    "nginx": "nginx-light",
}


def require() -> None:
    """Raise NotSupported that names what is missing, and the packages that bring it."""
    if os.geteuid() != 0:
        raise NotSupported(
            "the lab makes network namespaces and loads BPF programs: it needs root",
            feature="root",
            hint="sudo floodwall lab run",
        )
    missing = {tool: package for tool, package in _TOOLS.items() if shutil.which(tool) is None}
    if missing:
        packages = " ".join(sorted(set(missing.values())))
        raise NotSupported(
            f"the lab needs {', '.join(sorted(missing))}",
            feature="tools",
            hint=f"apt install {packages}",
        )
