"""The first screen of the console in a terminal."""
