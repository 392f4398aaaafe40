"""From symptoms of a machine to a verdict, evidence and remedies; pure."""
