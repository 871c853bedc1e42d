"""verify-ledger: every chain recomputed and replayed, compared with the cases and with the seals."""

from wangge.cases.audit.findings import Finding, Verified
from wangge.cases.audit.run import verify

__all__ = ["Finding", "Verified", "verify"]
