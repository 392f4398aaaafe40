"""The outside world, turned into one frozen Observation a second."""
