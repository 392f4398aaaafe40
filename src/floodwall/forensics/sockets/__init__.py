"""Dumps of sockets and of counters become snapshots."""
