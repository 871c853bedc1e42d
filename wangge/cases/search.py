"""Finding cases by words: any two characters or more of title, address or text; and by their numbers.

Every search begins at ``visible_to(actor)``: what is found here is only a condition. Telephone numbers are looked for in
a field of their own, which is logged (office), never here.
"""

from __future__ import annotations

import re
from time import monotonic

import orjson
from django.db import connection, transaction
from django.db.models import CharField, Func, Q
from django.db.models.lookups import IContains, IRegex

from wangge.cases.grams import Term, grams_of, terms_of
from wangge.cases.models import Case
from wangge.kit.errors import Invalid
from wangge.kit.findings import Finding
from wangge.kit.words import Text

COLUMNS = ("title", "text", "address")
WORDS = frozenset(COLUMNS)
NUMBERED = re.compile(r"[0-9A-Za-z][0-9A-Za-z_./-]{3,}")
TELEPHONE = re.compile(r"[+\d][\d\s-]{5,}")
LEAST = 2
BATCH = 1000
SWEEP_SECONDS = 5.0
FILL = """
UPDATE cases_case SET grams = found.grams FROM json_to_recordset(%s::json) AS found(id bigint, grams varchar[])
WHERE cases_case.id = found.id"""


class Plain(Func):
    """A column as its grams were made from it: full width as half width."""

    function = "normalize"
    template = "%(function)s(%(expressions)s, NFKC)"
    output_field = CharField()


def says(asked: str) -> Q:
    """The beginning of a case number, a whole original number, or words in title, address or text.

    Raises Invalid (422) for less than two characters.
    """
    numbered = Q()
    if any(letter.isdigit() for letter in asked):
        numbered = Q(origin_number=asked)
    if NUMBERED.fullmatch(asked):
        numbered |= Q(number__startswith=asked.upper())
        if TELEPHONE.fullmatch(asked) or not terms_of(asked):
            return numbered
    return numbered | matches(asked)


def matches(asked: str) -> Q:
    """Cases that hold all that is asked, each part as it stands. A number is found as a whole: 2号 is not in 12号.

    Raises Invalid (422) when nothing of two characters is left to look for.
    """
    terms = terms_of(asked)
    if not terms or len(asked) < LEAST:
        raise Invalid(
            "text",
            "请至少输入连续的两个字;电话和证件号码不能这样查。",
            "Type two characters in a row at least; telephone and identity numbers are not found this way.",
        )
    wanted = Q(grams__contains=sorted({gram for term in terms for gram in term.grams}))
    for term in terms:
        if term.needs_look:
            wanted &= holds(term)
    return wanted


def holds(term: Term) -> Q:
    """The term in one of the columns; a number at its end is not part of a longer one."""
    found = Q()
    before, after = "(?<![0-9])" * term.text[0].isdigit(), "(?![0-9])" * term.text[-1].isdigit()
    for column in COLUMNS:
        if before or after:
            found |= Q(IRegex(Plain(column), f"{before}{term.text}{after}"))
        else:
            found |= Q(IContains(Plain(column), term.text))
    return found


# --- keeping the grams -------------------------------------------------------------------------------------


def index_words(case: Case) -> None:
    """Make the grams of a case whose words have changed. Whoever empties the words empties them with this."""
    Case.objects.filter(pk=case.pk).update(grams=grams_of(case.title, case.text, case.address))


def n_unindexed() -> int:
    """How many cases cannot be found by their words yet (of an earlier version, or copied in)."""
    return Case.objects.filter(grams=[]).count()


def index_some(most: int = BATCH) -> int:
    """Make the grams of so many cases that have none; returns how many, 0 when all have. May be stopped at any time."""
    with transaction.atomic(), connection.cursor() as cursor:
        wordless = Case.objects.select_for_update(skip_locked=True).filter(grams=[]).order_by("pk")
        rows = list(wordless.values_list("pk", *COLUMNS)[:most])
        found = [{"id": pk, "grams": grams_of(*words)} for pk, *words in rows]
        cursor.execute(FILL, [orjson.dumps(found).decode()])
    return len(rows)


def sweep() -> int:
    """The same for some seconds, now and then by the worker: what an upgrade left is done by itself."""
    n_done, until = 0, monotonic() + SWEEP_SECONDS
    while (n := index_some()) and monotonic() < until:
        n_done += n
    return n_done


def findings() -> list[Finding]:
    """For ``wangge doctor``."""
    if (n := n_unindexed()) == 0:
        return [Finding("fine", "words", Text("案件都能按文字查到。", "All cases are found by their words."))]
    text = Text(
        f"有 {n} 件案件还不能按文字查到,后台进程会逐步补上;要立刻补齐请运行 wangge words。",
        f"{n} cases cannot be found by their words yet; the worker does them by and by, `wangge words` at once.",
    )
    return [Finding("warning", "words_missing", text)]
