"""Looks at one machine for two seconds, and says what is wrong and what to type."""
