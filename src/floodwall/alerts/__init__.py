"""Alerts: a process of its own that watches the daemon and tells humans."""
