"""The lockdown checklist: what a machine is set to, judged; pure checks over facts read once."""
