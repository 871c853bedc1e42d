"""Settings of the residents' pages, from the environment: who stands behind them, and how to complain.

The three lines are shown at the foot of every page (国办函〔2026〕12号); what is not set says so openly.
"""

from __future__ import annotations

import os

# The authority that runs this installation: "望海县社会治理中心".
PORTAL_OWNER = os.environ.get("WANGGE_OWNER", "").strip()
# Filing number of the application, as the authorities gave it: "鲁ICP备00000000号".
PORTAL_FILING = os.environ.get("WANGGE_FILING", "").strip()
# How to complain about these pages or the staff: a telephone number or an https address.
PORTAL_COMPLAINTS = os.environ.get("WANGGE_COMPLAINTS", "").strip()
# What stands in the corner of drawn maps: the approval number of the base map (审图号).
MAP_NOTE = os.environ.get("WANGGE_MAP_NOTE", "").strip()

CSRF_FAILURE_VIEW = "wangge.portal.failures.csrf_failed"
