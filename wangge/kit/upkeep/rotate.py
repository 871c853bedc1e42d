"""``wangge rotate-keys``: a new sealing key and a new lookup key; everything sealed by the old ones is sealed anew."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import click
from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wangge.kit.clock import REAL_CLOCK
from wangge.kit.crypto import KeyRing, add_keys, drop_keys, key_ring
from wangge.kit.errors import Conflict
from wangge.kit.findings import Finding
from wangge.kit.program import OK, Program, only_one
from wangge.kit.sealed import SealedPlace
from wangge.kit.words import Text

# what lies sealed outside the tables (unsent drafts in sessions, files waiting to be imported) lives no longer than this
SHORT_LIVED = timedelta(hours=48)
OLD = timedelta(days=366)


@click.command()
@click.option(
    "--retire", is_flag=True, help="删除已不再使用的旧密钥 · forget old keys that nothing uses any more"
)
@click.option(
    "--now",
    is_flag=True,
    help="与 --retire 同用:不等 48 小时(未提交的草稿会丢失)· with --retire: do not wait 48 hours",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@click.pass_obj
def command(program: Program, retire: bool, now: bool, as_json: bool) -> int:
    """更换加密密钥和查找密钥,把已加密的内容逐批换成新密钥。网格运行时也可以做,不必重启;中断后再运行会接着做。

    Make new keys and seal everything anew, in batches, also while Wangge runs: its processes follow without a restart.
    Run again after an interruption, it goes on where it was. Then make a new backup, and after 48 hours --retire.
    """
    with only_one(program.data_folder, "rotate-keys", zh="更换密钥", en="rotate-keys"):
        places = program.listed("SEALED")
        if retire:
            told = retired(places, at_once=now)
        else:
            told = rotated(places)
    if as_json:
        click.echo(json.dumps(told))
    else:
        say(told)
    return OK


def rotated(places: Sequence[SealedPlace]) -> dict[str, object]:
    """A new key (unless an earlier rotation is unfinished), and everything sealed by it."""
    ring = key_ring(settings.KEYS_FOLDER)
    is_new = not old_values(places, ring)
    if is_new:
        add_keys(settings.KEYS_FOLDER, REAL_CLOCK.now().isoformat())
        ring = key_ring(settings.KEYS_FOLDER)
    n_done = seal_all_anew(places, ring)
    return {
        "key": ring.newest,
        "new": is_new,
        "sealed": n_done,
        "keys": ring.numbers,
        "left": left(places, ring),
    }


def seal_all_anew(places: Sequence[SealedPlace], ring: KeyRing) -> int:
    """Batch by batch, each in its own transaction; returns how many values."""
    n_done = 0
    with progress() as bar:
        for place in places:
            task = bar.add_task(place.name, total=old_of(place.count(), ring))
            after = 0
            while True:
                n, after = place.reseal(ring, after)
                n_done += n
                bar.update(task, advance=n)
                if not after:
                    break
    return n_done


def retired(places: Sequence[SealedPlace], *, at_once: bool) -> dict[str, object]:
    """Forget the old keys; refused (409) while anything is sealed by one of them."""
    ring = key_ring(settings.KEYS_FOLDER)
    old = [number for number in ring.numbers if number != ring.newest]
    if not old:
        raise Conflict("no_old_key", "没有旧密钥。", "There is no old key.")
    if n := left(places, ring):
        raise Conflict(
            "still_used",
            f"还有 {n} 项内容用旧密钥加密。请先再运行一次 wangge rotate-keys。",
            f"{n} values are still sealed by old keys. Run wangge rotate-keys once more first.",
        )
    waits_until = datetime.fromisoformat(ring.made_at[ring.newest]) + SHORT_LIVED
    if REAL_CLOCK.now() < waits_until and not at_once:
        raise Conflict(
            "too_early",
            f"未提交的草稿还可能用旧密钥。请在 {waits_until:%m-%d %H:%M} UTC 后再删除,或加 --now(草稿会丢失)。",
            f"Unsent drafts may still use the old key. Do it after {waits_until:%m-%d %H:%M} UTC, or add --now (they are lost).",
        )
    drop_keys(settings.KEYS_FOLDER, old)
    return {"key": ring.newest, "retired": old}


def old_values(places: Sequence[SealedPlace], ring: KeyRing) -> bool:
    return any(old_of(place.count(), ring) for place in places)


def left(places: Iterable[SealedPlace], ring: KeyRing) -> int:
    """How many values are sealed by another key than the newest."""
    return sum(old_of(place.count(), ring) for place in places)


def old_of(counts: Counter[int], ring: KeyRing) -> int:
    return counts.total() - counts[ring.newest]


def findings(places: Sequence[SealedPlace]) -> list[Finding]:
    """What ``wangge doctor`` finds: a key that is missing, an unfinished change, keys that have become old."""
    ring = key_ring(settings.KEYS_FOLDER)
    counts: Counter[int] = Counter()
    for place in places:
        counts += place.count()
    if missing := sorted(set(counts) - set(ring.numbers)):
        text = Text(
            "有 {n} 项内容的密钥 {k} 不在密钥文件里,打不开。请恢复备份的 .keys 文件。",
            "{n} values are sealed by key {k}, which is not in the key file. Restore the backup's .keys file.",
        )
        n_lost = sum(counts[number] for number in missing)
        return [Finding("error", "key_missing", text.filled(n=n_lost, k=", ".join(map(str, missing))))]
    if n_old := counts.total() - counts[ring.newest]:
        text = Text(
            "更换密钥没有做完,还有 {n} 项。请运行 wangge rotate-keys。",
            "The change of keys is unfinished, {n} values are left. Run wangge rotate-keys.",
        )
        return [Finding("warning", "rotation_unfinished", text.filled(n=n_old))]
    if len(ring.numbers) > 1:
        text = Text(
            "旧密钥已无人使用,可以运行 wangge rotate-keys --retire 删除。",
            "Old keys are used no more; wangge rotate-keys --retire forgets them.",
        )
        return [Finding("fine", "old_keys", text)]
    made_at = ring.made_at.get(ring.newest)
    if made_at and REAL_CLOCK.now() - datetime.fromisoformat(made_at) > OLD:
        text = Text(
            "加密密钥已用一年以上,建议运行 wangge rotate-keys。",
            "The keys are over a year old; run wangge rotate-keys.",
        )
        return [Finding("warning", "keys_old", text)]
    return [
        Finding("fine", "sealed", Text("加密内容都用现行密钥。", "All sealed values use the present key."))
    ]


def progress() -> Progress:
    """A bar for each column, on the terminal's error output."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True),
        transient=True,
    )  # fmt: skip


def say(told: dict[str, object]) -> None:
    if "retired" in told:
        click.echo(f"旧密钥已删除:{told['retired']};现行密钥:{told['key']}")
        click.echo(f"Old keys are forgotten: {told['retired']}; the present one is {told['key']}.")
        return
    click.echo(
        f"现行密钥:{told['key']};已换 {told['sealed']} 项,还剩 {told['left']} 项。请马上 wangge backup,旧备份要用旧的 .keys。"
    )
    click.echo(
        f"The present key is {told['key']}; {told['sealed']} values were sealed anew, {told['left']} are left. Make a backup "
        "now; older backups need their own .keys file."
    )
