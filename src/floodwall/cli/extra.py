"""Verbs that need the packages of the console."""

from importlib.util import find_spec

from floodwall.core.errors import NotSupported


def require_extra(*modules: str) -> None:
    """Raise NotSupported if a package of the extra `console` is not installed."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise NotSupported(
            f"not installed: {', '.join(missing)}",
            feature="console",
            hint="pip install 'floodwall[console]'; bin/floodwall of a clone does it by itself",
        )
