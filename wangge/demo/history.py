"""The demo town's past sixty days: about 2,500 cases made by calling the verbs under a moved clock.

They are told like replayed messages (``demo/replay``), but stop at the present moment, so that today's desk has work
in every state. Numbers are fixed, so that filling in can be stopped and goes on where it was.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from random import Random

from wangge.cases.orders.reading import Order
from wangge.demo.messages import BY_WORKER, KIND_OF, matter
from wangge.demo.replay.places import Spot
from wangge.demo.replay.run import Task
from wangge.kit.clock import SHANGHAI
from wangge.kit.errors import Conflict
from wangge.territory.models import Building

ORIGIN = "demo"
N_CASES = 2_500
DAYS = 60
WORKER_SHARE, ANONYMOUS_SHARE, PHOTO_SHARE = 0.55, 0.2, 0.5
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "秀英",
    "建国",
    "丽",
    "强",
    "敏",
    "军",
    "桂兰",
    "洋",
    "静",
    "志强",
    "玉梅",
    "涛",
    "霞",
    "平",
    "海燕",
    "磊",
)


def tasks(now: datetime, seed: int = 2026, n_cases: int = N_CASES) -> list[Task]:
    """The messages of sixty days until now, in order of time; the same seed gives the same matters and places."""
    random = Random(seed)  # noqa: S311  a demo
    houses = list(Building.objects.order_by("code").values_list("address", "lon", "lat"))
    if not houses:
        raise Conflict(
            "no_buildings",
            "演示城镇还没有楼栋。请先运行 wangge demo。",
            "The demo town has no buildings. Run `wangge demo`.",
        )
    made = []
    for n in range(1, n_cases + 1):
        address, lon, lat = random.choice(houses)
        code, text = matter(random)
        made.append(
            task(random, n, code, text.format(place=address), moment(random, now), (address, lon, lat))
        )
    return sorted(made, key=lambda one: one.at)


def moment(random: Random, now: datetime) -> datetime:
    """A time in the last sixty days, more by day than by night, a little more of late."""
    days = DAYS * (1 - math.sqrt(random.random()))
    day = (now - timedelta(days=days)).astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    hour = min(max(random.gauss(13.5, 4.2), 0.0), 23.9)
    return min(day + timedelta(hours=hour), now - timedelta(minutes=random.uniform(2, 90)))


def task(random: Random, n: int, code: str, text: str, at: datetime, place: tuple[str, float, float]) -> Task:
    """One message with its sender: a grid worker on patrol, a resident with a telephone, or an anonymous one."""
    address, lon, lat = place
    by_worker = code in BY_WORKER and random.random() < WORKER_SHARE
    is_anonymous = random.random() < ANONYMOUS_SHARE
    name = "" if by_worker or is_anonymous else random.choice(SURNAMES) + random.choice(GIVEN)
    phone = f"1{random.choice('3578')}0{random.randrange(10**8):08d}" if name else ""
    order = Order(
        row=n, number=f"D-{n:05d}", title="", text=text, at=at, name=name, phone=phone, address=address, lon=lon, lat=lat,
        kind=KIND_OF.get(code, ""), channel="grid_patrol" if by_worker else "public_report",
    )  # fmt: skip
    jitter = (lon + random.uniform(-2e-4, 2e-4), lat + random.uniform(-2e-4, 2e-4))
    return Task(order, at, Spot("position", position=jitter), code, has_photo=random.random() < PHOTO_SHARE)
