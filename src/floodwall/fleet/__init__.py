"""Many machines over SSH: whom to visit, what is sent, and what their answers have in common."""
