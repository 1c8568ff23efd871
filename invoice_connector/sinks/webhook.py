"""A request in the form of Standard Webhooks, signed with HMAC-SHA256 (https://www.standardwebhooks.com)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from invoice_connector.sinks.errors import DeliveryError
from invoice_connector.sinks.http import Exchange, send
from invoice_connector.sinks.settings import WebhookSink


def post(sink: WebhookSink, kind: str, moment: datetime, data: Mapping[str, Any], identifier: str) -> None:
    """Sends what happened at ``moment`` (aware). ``identifier``, without points, is the same for every try: the
    receiver tells repeated ones by it. Raises DeliveryError."""
    from standardwebhooks import Webhook

    payload = {"type": kind, "timestamp": moment.isoformat(), "data": data}
    content = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    now = datetime.now(UTC)
    try:
        signature = Webhook(sink.secret.get_secret_value()).sign(identifier, now, content)
    except Exception as error:
        raise DeliveryError(
            "the webhook's secret is not whsec_ and base64; correct the settings", final=True
        ) from error
    headers = {
        "Content-Type": "application/json",
        "webhook-id": identifier,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    send("POST", sink.url, Exchange(headers, sink.seconds, sink.allow_private), content.encode())
