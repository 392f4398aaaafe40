"""What the evidence amounts to, one kind of finding a module."""
