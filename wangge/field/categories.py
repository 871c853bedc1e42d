"""Which category: the words' best guesses, what this worker reports most, and all of them by their roots."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from wangge.cases.scope import visible_to
from wangge.catalog.keywords import classify
from wangge.catalog.models import Category
from wangge.catalog.queries import ancestors, category_by_code, leaves
from wangge.kit.errors import DomainError
from wangge.kit.words import Text
from wangge.territory.scope import Actor

N_GUESSES, N_TILES = 4, 6
LOOKED_BACK = timedelta(days=180)
LOOKED_AT = 300  # of the worker's newest reports
# where nothing is known of a worker yet: what grids report most
USUAL = ("0102", "2105", "2102", "0110", "0506", "HZ02", "2101", "0201")


@dataclass(frozen=True)
class Tile:
    """One category as a button; ``words`` of the text speak for it (empty: it does not come from the text)."""

    code: str
    name: Text
    root: Text
    may_self_close: bool
    words: str = ""


@dataclass(frozen=True)
class Root:
    """One of the roots with everything below it."""

    name: Text
    tiles: list[Tile]


def tile(category: Category, words: tuple[str, ...] = ()) -> Tile:
    chain = ancestors(category.pk)
    root = chain[-1] if chain else category
    return Tile(
        category.code, both(category), both(root), category.may_self_close, "、".join(dict.fromkeys(words))
    )  # fmt: skip


def both(row: Category) -> Text:
    return Text(row.name_zh, row.name_en or row.name_zh)


def guesses(text: str) -> list[Tile]:
    """The best categories for the words, best first."""
    by_id = {leaf.pk: leaf for leaf in leaves()}
    found = (guess for guess in classify(text, n=N_GUESSES * 2) if guess.category_id in by_id)
    return [tile(by_id[guess.category_id], guess.words) for guess in found][:N_GUESSES]


def most_used(actor: Actor) -> list[Tile]:
    """The six that this worker reports most, filled up with what grids usually report."""
    since = actor.now() - LOOKED_BACK
    own = visible_to(actor).filter(submitter_id=actor.user_id, reported_at__gte=since, category__isnull=False)
    used = Counter(own.order_by("-reported_at", "-id").values_list("category__code", flat=True)[:LOOKED_AT])
    codes = [code for code, _ in sorted(used.items(), key=lambda item: (-item[1], item[0]))]
    active = {leaf.code: leaf for leaf in leaves()}
    wanted = [code for code in dict.fromkeys([*codes, *USUAL]) if code in active]
    return [tile(active[code]) for code in wanted[:N_TILES]]


def offered(actor: Actor, text: str) -> list[Tile]:
    """What stands first on the page: guesses from the words, then the most used, each once."""
    first = guesses(text) if text.strip() else []
    seen = {one.code for one in first}
    return [*first, *(one for one in most_used(actor) if one.code not in seen)][: max(N_TILES, len(first))]


def found(words: str) -> list[Tile]:
    """Categories whose name holds the words, or of which the keywords speak."""
    words = words.strip().lower()
    if not words:
        return []
    by_name = [
        leaf
        for leaf in leaves()
        if words in leaf.name_zh or words in leaf.name_en.lower() or leaf.code.lower() == words
    ]
    listed = {leaf.code: tile(leaf) for leaf in by_name}
    for guess in guesses(words):
        listed.setdefault(guess.code, guess)
    return list(listed.values())


def everything() -> list[Root]:
    """All categories that a case may be given, by their roots."""
    roots: dict[Text, list[Tile]] = {}
    for leaf in leaves():
        one = tile(leaf)
        roots.setdefault(one.root, []).append(one)
    return [Root(name, tiles) for name, tiles in roots.items()]


def named(code: str) -> Tile | None:
    """The category of a code; None for one that does not exist."""
    try:
        return tile(category_by_code(code)) if code else None
    except DomainError:
        return None


def needs_photo_after(code: str) -> bool:
    """Whether closing this category asks for a photo afterwards."""
    try:
        return bool(code) and category_by_code(code).needs_photo_after
    except DomainError:
        return False
