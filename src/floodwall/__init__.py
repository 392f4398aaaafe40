"""Floodwall keeps a Linux server reachable while it is being SYN flooded."""

__version__ = "0.1.0"
