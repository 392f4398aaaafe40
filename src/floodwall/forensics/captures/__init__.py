"""Packet captures become segments."""
