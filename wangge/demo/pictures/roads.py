"""Scenes on the carriageway: before something was done, and after."""

from __future__ import annotations

from random import Random

from wangge.demo.pictures.canvas import WIDTH, Canvas, Colour
from wangge.demo.pictures.places import (
    CARS,
    bicycle,
    car,
    cone,
    street,
)  # fmt: skip

HOLE: Colour = (26, 27, 30)


def spoil(c: Canvas, rng: Random, is_after: bool) -> None:
    """A heap of building rubble at the roadside, or carted away."""
    street(c, rng)
    bits = [(rng.uniform(300, 740), rng.uniform(590, 660), rng.uniform(12, 34)) for _ in range(48)]
    if is_after:
        return
    c.shadow(520, 664, 270, 26)
    c.poly([(270, 664), (360, 560), (450, 500), (560, 486), (640, 540), (770, 664)], (156, 132, 106))
    c.poly([(270, 664), (360, 600), (470, 560), (560, 600), (640, 640), (770, 664)], (136, 112, 88))
    for x, y, size in bits:
        height = max(0.0, 1 - abs(x - 520) / 260) * 90
        c.poly([(x, y - height), (x + size, y - height + 4), (x + size * 0.8, y - height + size * 0.6),
                (x - 4, y - height + size * 0.5)],
               rng.choice([(172, 92, 66), (188, 184, 178), (120, 104, 90), (206, 198, 184)]))  # fmt: skip
    c.line([(340, 640), (520, 520)], (196, 160, 108), 12)
    c.line([(600, 650), (700, 570)], (196, 160, 108), 10)


def manhole(c: Canvas, rng: Random, is_after: bool) -> None:
    """A shaft in the carriageway: the cover gone, or put back."""
    street(c, rng)
    x, y = 500 + rng.uniform(-60, 60), 646
    c.oval(x, y, 142, 52, (142, 140, 134))
    if is_after:
        c.oval(x, y, 126, 44, (74, 74, 78))
        for ring, tone in ((104, 92), (76, 70), (48, 92), (22, 66)):
            c.oval(x, y, ring, ring * 0.35, (tone, tone, tone + 4))
        c.text(x, y, "雨水", 22, (190, 190, 188))
        return
    c.oval(x, y, 126, 44, (62, 58, 54))
    c.oval(x, y + 8, 116, 36, HOLE)
    for step in range(3):
        c.rect(x - 24, y - 6 + step * 13, 48, 4, (90, 86, 82))
    c.poly([(x + 150, y + 40), (x + 236, y + 20), (x + 262, y + 34), (x + 176, y + 56)], (86, 84, 82))
    cone(c, x - 196, y + 40, 74)


def pothole(c: Canvas, rng: Random, is_after: bool) -> None:
    """Broken asphalt, or a fresh patch."""
    street(c, rng)
    x, y = 480 + rng.uniform(-70, 70), 650
    if is_after:
        c.poly([(x - 190, y - 46), (x + 170, y - 52), (x + 200, y + 50), (x - 176, y + 56)], (62, 64, 68))
        c.line([(x - 190, y - 46), (x + 170, y - 52), (x + 200, y + 50), (x - 176, y + 56), (x - 190, y - 46)],
               (46, 48, 52), 5)  # fmt: skip
        return
    for _ in range(14):
        start = (x + rng.uniform(-120, 120), y + rng.uniform(-30, 30))
        c.line([start, (start[0] + rng.uniform(-130, 130), start[1] + rng.uniform(-46, 46))], (56, 58, 60), 3)
    c.blob(x, y, 150, 48, (84, 78, 70), rng, 0.2)
    c.blob(x + 6, y + 6, 118, 34, (58, 54, 50), rng, 0.2)
    c.blob(x + 10, y + 12, 80, 18, (110, 122, 128), rng, 0.15)
    for _ in range(26):
        c.blob(x + rng.uniform(-190, 190), y + rng.uniform(-56, 62), rng.uniform(4, 11), 5, (70, 70, 70), rng)
    cone(c, x + 236, y + 40, 70)


def parking(c: Canvas, rng: Random, is_after: bool) -> None:
    """Cars on the pavement and across a crossing, or a free pavement."""
    street(c, rng)
    for number in range(6):
        c.poly([(620 + number * 60, 548), (654 + number * 60, 548), (700 + number * 72, 760), (650 + number * 72, 760)],
               (228, 228, 224))  # fmt: skip
    colours = rng.sample(CARS, 3)
    if is_after:
        c.rect(180, 400, 8, 120, (150, 152, 156))
        c.oval(184, 392, 34, 34, (196, 44, 40))
        c.oval(184, 392, 25, 25, (40, 82, 160))
        c.line([(166, 374), (202, 410)], (196, 44, 40), 8)
        return
    car(c, 80, 522, 270, colours[0])
    car(c, 370, 528, 280, colours[1])
    car(c, 610, 690, 330, colours[2])


def bicycles(c: Canvas, rng: Random, is_after: bool) -> None:
    """Shared bicycles in a tangle, or in a row."""
    street(c, rng)
    colours: list[Colour] = [(240, 190, 40), (50, 140, 200), (90, 180, 110)]
    if is_after:
        c.rect(170, 474, 690, 62, (232, 236, 240, 120))
        c.text(520, 560, "非机动车停放区", 24, (240, 240, 236))
        for place in range(7):
            bicycle(c, 200 + place * 92, 526, 100, colours[place % 3])
        return
    for number in range(17):
        bicycle(c, rng.uniform(120, 760), rng.uniform(498, 590), rng.uniform(96, 130), rng.choice(colours),
                is_fallen=number % 3 == 0)  # fmt: skip


def water_leak(c: Canvas, rng: Random, is_after: bool) -> None:
    """Water from a burst main over the road, or the place repaired."""
    street(c, rng)
    x = 470 + rng.uniform(-60, 60)
    if is_after:
        c.poly([(x - 140, 606), (x + 130, 600), (x + 150, 676), (x - 150, 682)], (66, 68, 72))
        return
    c.blob(x, 664, 380, 66, (138, 168, 188, 210), rng, 0.1)
    c.blob(x - 20, 656, 250, 36, (178, 204, 220, 220), rng, 0.12)
    for number in range(34):
        lean = rng.uniform(-130, 130)
        top = 520 - (130 - abs(lean)) * rng.uniform(0.4, 1.0)
        c.line([(x, 640), (x + lean * 0.5, top), (x + lean, 640)], (206, 228, 242, 190), 3 + number % 3)
    c.blob(x, 646, 60, 20, (96, 88, 78), rng, 0.2)
    cone(c, x - 240, 700, 70)
    cone(c, x + 250, 700, 70)


def flooding(c: Canvas, rng: Random, is_after: bool) -> None:
    """Foul water out of a blocked drain, or a dry road."""
    street(c, rng)
    x = 420 + rng.uniform(-40, 40)
    if not is_after:
        c.poly([(0, 560), (WIDTH, 552), (WIDTH, 740), (0, 756)], (96, 98, 84, 225))
        for _ in range(30):
            px, py = rng.uniform(0, WIDTH), rng.uniform(570, 730)
            c.line([(px, py), (px + rng.uniform(40, 120), py)], (140, 142, 124, 150), 3)
        for ring in (130, 90, 50):
            c.oval(x + 90, 640, ring, ring * 0.3, (112, 112, 92, 200))
        for _ in range(9):
            c.rect(rng.uniform(80, 900), rng.uniform(590, 720), 22, 10, (206, 200, 184))
        return
    c.rect(x, 612, 180, 64, (70, 72, 76), radius=4)
    for number in range(9):
        c.rect(x + 10 + number * 19, 622, 8, 44, (34, 36, 40))


def site(c: Canvas, rng: Random, is_after: bool) -> None:
    """A building site: bare soil and dust, or covered and fenced."""
    street(c, rng)
    c.rect(90, 250, 860, 190, (206, 184, 150))
    c.poly([(90, 440), (260, 300), (420, 350), (600, 270), (780, 340), (950, 440)], (166, 134, 98))
    c.rect(760, 60, 14, 340, (228, 180, 50))
    c.rect(560, 70, 330, 12, (228, 180, 50))
    c.line([(600, 82), (600, 200)], (70, 72, 76), 3)
    if is_after:
        c.poly([(90, 440), (260, 300), (420, 350), (600, 270), (780, 340), (950, 440)], (86, 134, 92))
        for number in range(9):
            c.rect(90 + number * 96, 400, 92, 116, (70, 128, 176))
            c.rect(90 + number * 96, 400, 92, 12, (236, 238, 240))
        c.text(520, 466, "文明施工 · 减少扬尘", 34, (246, 248, 250))
        return
    for _ in range(22):
        c.glow(rng.uniform(120, 920), rng.uniform(250, 480), rng.uniform(50, 90), (214, 194, 160), 90)


def traffic_sign(c: Canvas, rng: Random, is_after: bool) -> None:
    """A sign bent over and a barrier broken, or both upright."""
    street(c, rng)
    for place in range(6):
        x, lean = 60 + place * 170, 0 if is_after or place not in (2, 3) else 46
        c.line([(x, 540), (x + lean, 470 + lean)], (236, 238, 240), 9)
        if is_after or place not in (2, 3):
            for y in (478, 506):
                c.line([(x, y), (x + 170, y)], (236, 238, 240), 6)
    if not is_after:
        c.line([(400, 548), (560, 572)], (236, 238, 240), 6)
        c.line([(420, 530), (590, 590)], (236, 238, 240), 6)
    foot, top = (700, 530), (700, 250) if is_after else (860, 380)
    c.line([foot, top], (140, 144, 150), 11)
    c.oval(top[0], top[1], 50, 50, (196, 44, 40))
    c.oval(top[0], top[1], 40, 40, (250, 250, 248))
    c.text(top[0], top[1], "30", 44, (34, 36, 40))
