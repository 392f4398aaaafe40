"""Pure decisions: nothing in here does I/O or reads a clock."""
