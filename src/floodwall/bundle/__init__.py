"""The bundle: what the record holds of one incident, for people who were not there."""
