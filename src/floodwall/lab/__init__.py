"""Rehearses floods on a private network: namespaces, a real server, real clients, one attacker."""
