"""Logs, captures and socket dumps become one account of what happened."""
