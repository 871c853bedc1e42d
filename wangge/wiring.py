"""Who reacts to what, what runs when, who is asked what: the whole house on one page, as plain tables.

Read forwards: a verb publishes an event (``kit/events.py``), the relay hands it to the listeners named here
(``kit/relay.py``), a listener writes rows or defers a job named here (``kit/jobs.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event as StopEvent

import click

from wangge.accounts import doctor as accounts_doctor
from wangge.accounts.demo_rules import demo_accounts_exist
from wangge.accounts.second_factors import SecondFactors
from wangge.accounts.sweeps import forget_ended_sessions
from wangge.cases import doctor as cases_doctor
from wangge.cases import erasing, search
from wangge.cases.events import CaseMoved
from wangge.cases.jobs import archive_ended, follow_parts, tell_people
from wangge.cases.models.case import PRIVATE_WORDS, REPORTER_NAME, REPORTER_PHONE
from wangge.cases.moved_areas import follow_moved_area
from wangge.cases.orders.commands import export_outcomes, import_orders
from wangge.cases.seal_files import export_seals
from wangge.cases.sealing import seal_entries
from wangge.catalog.kinds import EXCHANGES
from wangge.files import actions as files
from wangge.files import doctor as files_doctor
from wangge.insight import checking as figures_checking
from wangge.insight import fold
from wangge.kit import clock_doctor, idempotency, outbox_doctor, ratelimit, relay
from wangge.kit.clock import REAL_CLOCK
from wangge.kit.errors import Conflict
from wangge.kit.findings import Finding
from wangge.kit.jobs import Job, run_jobs
from wangge.kit.loops import Periodic, Timetable, repeat, run_threads
from wangge.kit.relay import Listener
from wangge.kit.sealed import SealedColumn, SealedPlace
from wangge.kit.upkeep import rotate
from wangge.kit.upkeep.dictionary_command import export_data_dictionary
from wangge.notify import delivery
from wangge.notify import doctor as notify_doctor
from wangge.notify.channels.mail import ADDRESS_PURPOSE
from wangge.notify.channels.table import INBOX, MAIL, WEBHOOK
from wangge.notify.channels.webhook import SECRET_PURPOSE
from wangge.office import uploads as imports
from wangge.territory.events import AreaMoved
from wangge.territory.exchange.columns import Exchange

# Event → who is told, in this order. Listeners work in the database only and may be called twice.
LISTENERS: dict[str, tuple[Listener, ...]] = {
    CaseMoved.kind: (tell_people, follow_parts, fold.note_case),
    AreaMoved.kind: (follow_moved_area, fold.note_area),
}

# Jobs that listeners defer because they need the network or take long: name → function.
JOBS: dict[str, Job] = {}


def _forget_rates() -> int:
    return ratelimit.forget_older_than(REAL_CLOCK.now() - timedelta(days=2))


# What is done every so often, by one worker of all.
PERIODIC: tuple[Periodic, ...] = (
    Periodic("export the ledger's seals", timedelta(minutes=10), export_seals),
    Periodic("erase contact data", timedelta(hours=1), erasing.erase_due, needs_steady_clock=True),
    Periodic("archive ended cases", timedelta(minutes=10), archive_ended, needs_steady_clock=True),
    Periodic("words of older cases", timedelta(minutes=1), search.sweep),
    Periodic("forget ended sessions", timedelta(hours=1), forget_ended_sessions),
    Periodic("forget idempotency keys", timedelta(minutes=15), idempotency.sweep, needs_steady_clock=True),
    Periodic("forget rate limits", timedelta(hours=1), _forget_rates),
    Periodic("forget delivered events", timedelta(minutes=15), relay.sweep, needs_steady_clock=True),
    Periodic("remove files never attached", timedelta(hours=1), files.sweep, needs_steady_clock=True),
    Periodic("forget old messages", timedelta(days=1), delivery.sweep, needs_steady_clock=True),
    Periodic("remove files never imported", timedelta(hours=1), imports.sweep, needs_steady_clock=True),
)

# Loops of their own, because the network may keep them waiting: name → what is done, and the rest after it.
MESSAGES: dict[str, float] = {INBOX: 1.0, MAIL: 2.0, WEBHOOK: 1.0}

# Every value that is stored encrypted; ``wangge rotate-keys`` seals them anew. A test looks that none is forgotten.
SEALED: list[SealedPlace] = [
    SealedColumn("cases_reporter", "name_sealed", REPORTER_NAME),
    SealedColumn("cases_reporter", "phone_sealed", REPORTER_PHONE, lookup_column="phone_lookup"),
    SealedColumn("cases_privatewords", "sealed", PRIVATE_WORDS),
    SealedColumn("notify_message", "address_sealed", ADDRESS_PURPOSE),
    SealedColumn("notify_webhookendpoint", "secret_sealed", SECRET_PURPOSE),
    SealedColumn("kit_idempotencyrow", "answer", idempotency.PURPOSE),
    SecondFactors(),
]

# Asked by ``wangge doctor`` and the administrator's health page.
DOCTOR_CHECKS: list[Callable[[], list[Finding]]] = [
    clock_doctor.findings,
    accounts_doctor.findings,
    outbox_doctor.findings,
    cases_doctor.findings,
    erasing.findings,
    files_doctor.findings,
    notify_doctor.findings,
    search.findings,
    figures_checking.findings,
    partial(rotate.findings, SEALED),
]

# Tables of which the application's role may only read and add rows; ``doctor`` looks whether that is so.
APPEND_ONLY_TABLES: list[str] = [
    "cases_entry",
    "cases_revealrow",
    "cases_erasurerow",
    "cases_ledgerseal",
    "accounts_signinrow",
    "territory_territoryrevision",
    "territory_areaform",
    "catalog_catalogrevision",
    "office_disclosure",
]

# What ``wangge init``, ``import`` and ``export`` can read and write, in the order in which a new town needs them.
IMPORT_KINDS: dict[str, Callable[[], Exchange]] = EXCHANGES

# Sub-commands of ``wangge import`` and ``wangge export`` that features above the catalogue bring.
IMPORT_COMMANDS: list[click.Command] = [import_orders]
EXPORT_COMMANDS: list[click.Command] = [export_outcomes, export_data_dictionary]

RELAY_REST_SECONDS = 0.2
SEALER_REST_SECONDS = 10.0
TIMETABLE_REST_SECONDS = 1.0
FIGURES_REST_SECONDS = 1.0


def may_serve_on(host: str) -> None:
    """Refuse to open an address that others can reach while demo accounts with known passwords exist (409)."""
    if demo_accounts_exist():
        raise Conflict(
            "demo_accounts",
            f"有演示账号(密码公开),不能在 {host} 上对外服务。请换一个没有演示数据的 WANGGE_DATA,或停用演示账号。",
            f"There are demo accounts, whose passwords are public, so {host} is not opened to others. "
            "Name a WANGGE_DATA without a demo town, or disable the demo accounts.",
        )


def run_worker(stop: StopEvent) -> None:
    """Do all background work until told to stop: events, messages, periodic jobs, deferred jobs.

    Events that were given up get another chance: a worker starts anew after what was wrong was mended.
    """
    relay.retry_failed()
    timetable = Timetable(PERIODIC)
    works = {
        "relay": _loop("relay", _relay_once, stop, RELAY_REST_SECONDS),
        "figures": _loop("figures", fold.fold_some, stop, FIGURES_REST_SECONDS),
        "timetable": _loop("timetable", timetable.run_due, stop, TIMETABLE_REST_SECONDS),
        "sealer": _loop("sealer", _seal_once, stop, SEALER_REST_SECONDS),
    }
    for name, rest in MESSAGES.items():
        works[name] = _loop(name, partial(_send_some, name), stop, rest)
    if JOBS:
        works["jobs"] = _loop("jobs", partial(_do_jobs, stop), stop, RELAY_REST_SECONDS)
    run_threads(works, stop)


def _loop(name: str, work: Callable[[], bool], stop: StopEvent, rest: float) -> Callable[[], None]:
    return partial(repeat, work, stop, name=name, idle_seconds=rest)


def _relay_once() -> bool:
    return not relay.deliver_batch(LISTENERS).is_last


def _seal_once() -> bool:
    seal_entries()
    return False


def _send_some(name: str) -> bool:
    return delivery.deliver_due(name) >= delivery.BATCH


def _do_jobs(stop: StopEvent) -> bool:
    run_jobs(JOBS, stop)
    return False
