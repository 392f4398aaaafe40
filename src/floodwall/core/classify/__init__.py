"""What is going on: rules from an observation to verdicts, one kind or close ones a file."""
