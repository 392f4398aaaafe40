"""Kernel and firewall logs of every format become records."""
