"""Our own webhook: a POST of JSON whose sender and age can be checked.

Law: a redirect is not followed, and an answer is not read beyond its status: what is signed for
one receiver goes to no other, and nobody can feed us.
"""

import hashlib
import hmac
import http.client
import ssl
from urllib.parse import urlsplit

TIMESTAMP = "Floodwall-Timestamp"
SIGNATURE = "Floodwall-Signature"
DELIVERY = "Floodwall-Delivery"
WINDOW_S = 300
"""A receiver refuses what was signed longer ago, or so far in the future."""


def sign(secret: bytes, timestamp: int, raw: bytes) -> str:
    """Return the signature: HMAC-SHA256 over timestamp, a full stop and the body; RFC 2104."""
    mac = hmac.new(secret, str(timestamp).encode() + b"." + raw, hashlib.sha256)
    return f"v1={mac.hexdigest()}"


def is_genuine(secret: bytes, headers: dict[str, str], raw: bytes, now_s: float) -> bool:
    """Check a request as a receiver does; docs/alerts.md shows the same for other languages."""
    stamp = headers.get(TIMESTAMP, "")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    fresh = abs(now_s - int(stamp)) <= WINDOW_S
    return fresh and hmac.compare_digest(sign(secret, int(stamp), raw), headers.get(SIGNATURE, ""))


def post(address: str, secret: bytes, raw: bytes, delivery: str, now_s: float) -> int:
    """Send it, and return the status; raises OSError or HTTPException if nobody takes it."""
    parts = urlsplit(address)
    stamp = int(now_s)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "floodwall",
        TIMESTAMP: str(stamp),
        SIGNATURE: sign(secret, stamp, raw),
        DELIVERY: delivery,
    }
    host, timeout_s = parts.hostname or "", 10.0
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            host, parts.port, timeout=timeout_s, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=raw, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()
