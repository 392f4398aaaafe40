"""What the daemon says, for people and programs: shows, files requests, decides nothing."""
