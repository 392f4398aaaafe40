"""The process that carries one alert: `python -m floodwall.alerts.courier`, order on its input.

Law: it may hang, crash or be killed, and nothing but this one delivery is lost.  What it says of a
failure is chosen from a list, since words of a library may hold a secret.
"""

import http.client
import io
import json
import logging
import re
import sys
import time
from typing import Any

from floodwall.alerts.webhook import post

_STATUS = re.compile(r"(?:error=|Status: ?|HTTP )(\d{3})\b")
_TROUBLE = re.compile("exception|error|fail", re.IGNORECASE)
_KNOWN = {
    "refused": "connection refused",
    "timed out": "timed out",
    "Name or service not known": "host name not found",
    "Temporary failure in name resolution": "host name not found",
    "CERTIFICATE_VERIFY_FAILED": "certificate not valid",
    "authenticat": "login refused",
    "unreachable": "network unreachable",
    "reset by peer": "connection reset",
    "closed": "connection closed",
}


def carry(order: dict[str, Any], now_s: float) -> str:
    """Deliver, and return nothing, or why it failed."""
    try:
        return _post(order, now_s) if order["way"] == "webhook" else _notify(order)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return reason_of(f"{type(error).__name__}: {error}")


def reason_of(words: str) -> str:
    """Say why in words that hold no secret."""
    if found := _STATUS.search(words):
        return f"refused with status {found[1]}"
    lower = words.lower()
    return next((said for sign, said in _KNOWN.items() if sign.lower() in lower), "not delivered")


def _post(order: dict[str, Any], now_s: float) -> str:
    raw = json.dumps(order["json"], separators=(",", ":")).encode()
    status = post(order["url"], order["secret"].encode(), raw, order["id"], now_s)
    return "" if 200 <= status < 300 else f"refused with status {status}"


def _notify(order: dict[str, Any]) -> str:
    try:
        import apprise  # noqa: PLC0415  an extra that only this way needs
    except ModuleNotFoundError:
        return "Apprise is not installed here"
    heard = io.StringIO()
    logger = logging.getLogger("apprise")
    logger.addHandler(logging.StreamHandler(heard))
    logger.setLevel(logging.DEBUG)  # it tells the cause of a failure nowhere else
    logger.propagate = False
    # Nothing is looked up beside the target: no plugins of a user, no pictures of another site.
    asset = apprise.AppriseAsset(
        app_id="Floodwall",
        app_desc="Floodwall",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        plugin_paths=[],
        async_mode=False,
        secure_logging=True,
    )
    service = apprise.Apprise(asset=asset)
    if not service.add(order["url"]):
        return "no address that Apprise understands"
    kinds = {"info": apprise.NotifyType.INFO, "warning": apprise.NotifyType.WARNING}
    kind = kinds.get(order["urgency"], apprise.NotifyType.FAILURE)
    if service.notify(title=order["title"], body=order["body"], notify_type=kind):
        return ""
    lines = heard.getvalue().splitlines()
    return reason_of("\n".join(line for line in lines if _TROUBLE.search(line)))


def main() -> None:
    """Read an order, carry it out, and write what became of it."""
    order = json.load(sys.stdin)
    why = carry(order, time.time())
    sys.stdout.write(json.dumps({"why": why}))


if __name__ == "__main__":
    main()
