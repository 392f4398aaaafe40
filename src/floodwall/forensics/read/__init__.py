"""Files, pipes and archives become bounded blocks of bytes."""
