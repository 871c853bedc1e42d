"""The worker stands still for three hours: thousands of events wait, it is said, and they are delivered afterwards.

The worker is stopped (SIGSTOP: it lives and does nothing), the backlog of three hours is written into the outbox from
events that were real, then the worker is killed with -9; ``serve`` starts a new one, which catches up.
"""

from __future__ import annotations

import json
import os
import signal
import time

from drill import compare
from drill.family import WORKER, family, kill
from drill.outcome import Outcome, Tell
from drill.stories import busy
from drill.town import Ground, wait_until

N_BACKLOG = 5_000
CATCH_UP_SECONDS = 300.0
# the same events again, as if nobody had delivered them since; listeners tell each person once
BACKLOG = """
INSERT INTO kit_outboxrow (kind, payload, not_before_at, outcome, n_attempts, last_error, listeners_left)
SELECT kind, payload, now() - interval '3 hours' + n * interval '2 seconds', '', 0, '', '[]'
FROM generate_series(1, %s) AS n JOIN LATERAL (
  SELECT kind, payload FROM kit_outboxrow WHERE outcome = 'delivered' ORDER BY (id * 7919 + n) %% 10007 LIMIT 1
) AS real ON true RETURNING id
"""
MESSAGES = "SELECT count(*) FROM notify_message"


def drill(ground: Ground, tell: Tell) -> Outcome:
    outcome = Outcome("worker_dead", "后台进程停三小时", "the worker dead for three hours")
    with ground.serving("worker-dead") as (folder, service):
        with busy(folder, ground.port, 41, 2) as (written, _):
            wait_until(lambda: len(written.acts) >= 30, what="people at work")
        outcome.problems += compare.outbox(folder)
        n_messages = folder.number(MESSAGES)
        (dead,) = family(folder, service)[WORKER]
        os.kill(dead, signal.SIGSTOP)
        outcome.figures["backlog"] = len(folder.rows(BACKLOG, N_BACKLOG))
        with busy(folder, ground.port, 42, 2) as (more, _):
            wait_until(lambda: len(more.acts) >= 10, what="people at work without a worker")
        tell("what is said")
        status, _, body = service.ask("/readyz")
        outcome.expect(
            status == 200 and json.loads(body)["checks"]["outbox"] is False,
            f"/readyz: {status} {body[:200]!r}",
        )
        doctor = folder.run("doctor", "--json")
        outcome.expect(
            '"outbox_waiting"' in doctor.stdout and doctor.returncode == 1, f"doctor: {doctor.stdout[-300:]}"
        )
        tell("catching up")
        kill(dead)
        began = time.monotonic()
        wait_until(lambda: folder.number(compare.WAITING) == 0, CATCH_UP_SECONDS, "the backlog is delivered")
        outcome.figures["caught_up_after_s"] = round(time.monotonic() - began, 1)
        outcome.figures["messages_before"] = n_messages
        outcome.problems += (
            compare.verbs(folder, written) + compare.uploads(folder, more) + compare.outbox(folder)
        )
        outcome.problems += (
            compare.verbs(folder, more) + compare.ledger(folder) + written.problems + more.problems
        )
        outcome.expect(
            json.loads(service.ask("/readyz")[2])["checks"]["outbox"], "/readyz still says that events wait"
        )
    return outcome
