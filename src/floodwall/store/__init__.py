"""What outlives the daemon: changes to undo, the operator's words, the journal."""
