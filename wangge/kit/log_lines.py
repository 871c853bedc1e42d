"""Lines of the log name no resident's code, whoever writes them."""

from __future__ import annotations

import logging
import re

# the code stands in the address of its pages and of its operations
CODE = re.compile(r"(/follow/)[^/\s'\"]+")


class WithoutCodes(logging.Filter):
    """Changes a record before it is written: ``/follow/…/rate/``."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if "/follow/" in said:
            record.msg, record.args = CODE.sub(r"\1…", said), ()
        return True
