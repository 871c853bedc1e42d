"""Settings of messages: mail comes from the environment in ``wangge.settings``, the rest from here."""

from __future__ import annotations

import os

# How people reach this installation (https://wangge.example.gov.cn); links in mails begin with it.
PUBLIC_URL = os.environ.get("WANGGE_URL", "").rstrip("/")

EMAIL_TIMEOUT = 10  # seconds for each step of a mail's delivery

# Webhooks go to public https addresses only, and to these networks: "127.0.0.0/8,10.0.0.0/8" (there also by http).
WEBHOOK_NETWORKS = [
    part.strip() for part in os.environ.get("WANGGE_WEBHOOK_NETWORKS", "").split(",") if part.strip()
]
WEBHOOK_TIMEOUT_SECONDS = 10.0

# Channels that are switched off or made to fail for a drill: "mail=null,webhook=failing".
CHANNEL_TWINS = dict(
    part.strip().split("=", 1) for part in os.environ.get("WANGGE_CHANNELS", "").split(",") if "=" in part
)
