"""The daemon: the only place with a loop and a clock."""
