"""Logs, captures and socket dumps become one account of what happened."""

import os

# No matrix is multiplied here, and the threads that numpy keeps for it spin before they sleep.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
