"""The examination of this machine."""

import socket
import time

import pytest

from floodwall.doctor.examine import Request, examine


@pytest.mark.slow
def test_a_listener_of_ours_is_seen_tried_and_named() -> None:
    """Within little more than the window, and without a connection that it would notice."""
    with socket.create_server(("127.0.0.1", 0), backlog=9) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        began = time.monotonic()
        seen = examine(Request(window_s=1.0, guarded=True))
        took_s = time.monotonic() - began
        with pytest.raises(BlockingIOError):
            listener.accept()
    (service,) = [one for one in seen.services or () if one.bound.port == port]

    assert 1.0 <= took_s < 4.0
    assert 1.0 <= seen.seconds < 4.0
    assert service.canary is not None
    assert service.canary.connected
    assert (service.backlog, service.capacity, service.pid is not None) == (9, 9, True)
    assert seen.guarded
    assert seen.moved is not None
    assert seen.probes >= 1
