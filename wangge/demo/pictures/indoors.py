"""Scenes in and at the houses, and at the table of the community."""

from __future__ import annotations

from random import Random

from wangge.demo.pictures.canvas import HEIGHT, Canvas, Colour, shade
from wangge.demo.pictures.places import FACADES, bag, building, room, sky, stairwell


def _scooter(c: Canvas, x: float, ground: float, size: float, colour: Colour) -> None:
    """An electric two-wheeler."""
    c.shadow(x + size * 0.45, ground, size * 0.5, 9)
    for place in (0.1, 0.82):
        c.oval(x + size * place, ground - size * 0.14, size * 0.14, size * 0.14, (40, 42, 46))
        c.oval(x + size * place, ground - size * 0.14, size * 0.06, size * 0.06, (176, 178, 182))
    c.poly([(x, ground - size * 0.32), (x + size * 0.34, ground - size * 0.44), (x + size * 0.4, ground - size * 0.2),
            (x + size * 0.7, ground - size * 0.2), (x + size * 0.74, ground - size * 0.12), (x + size * 0.1, ground - size * 0.12)],
           colour)  # fmt: skip
    c.rect(x - size * 0.02, ground - size * 0.5, size * 0.38, size * 0.08, (48, 48, 52), radius=6)
    c.line([(x + size * 0.82, ground - size * 0.16), (x + size * 0.68, ground - size * 0.62)], colour, 13)
    c.line(
        [(x + size * 0.58, ground - size * 0.64), (x + size * 0.72, ground - size * 0.62)], (48, 48, 52), 8
    )
    c.oval(x + size * 0.73, ground - size * 0.54, 11, 9, (250, 240, 200))


def ebike_stairwell(c: Canvas, rng: Random, is_after: bool) -> None:
    """Electric bicycles charged on the landing, or the landing free."""
    stairwell(c, rng)
    colours: list[Colour] = [(186, 54, 50), (54, 92, 150), (70, 120, 90)]
    rng.shuffle(colours)
    if is_after:
        c.rect(540, 200, 74, 104, (250, 250, 246), radius=4)
        c.text(577, 234, "禁止", 26, (196, 44, 40))
        c.text(577, 268, "停放充电", 16, (196, 44, 40))
        return
    _scooter(c, 130, 690, 300, colours[0])
    _scooter(c, 470, 720, 310, colours[1])
    c.rect(268, 390, 46, 34, (244, 244, 240), radius=4)
    c.curve((290, 424), (300, 560), 0, (30, 32, 36), 6)
    c.curve((300, 560), (240, 590), 40, (30, 32, 36), 6)
    c.curve((306, 424), (560, 590), 120, (30, 32, 36), 6)
    c.rect(214, 586, 50, 24, (60, 62, 68), radius=4)
    c.oval(224, 598, 4, 4, (230, 60, 50))


def stairwell_clutter(c: Canvas, rng: Random, is_after: bool) -> None:
    """Old furniture and boxes on the landing, or the way free."""
    stairwell(c, rng)
    boxes = [(rng.uniform(40, 560), rng.uniform(600, 720), rng.uniform(70, 120)) for _ in range(9)]
    if is_after:
        return
    c.rect(60, 400, 190, 240, (150, 110, 76))
    c.rect(72, 412, 80, 216, (166, 126, 90))
    c.rect(158, 412, 80, 216, (166, 126, 90))
    for x, y, size in sorted(boxes, key=lambda entry: entry[1]):
        tone = rng.choice([(198, 162, 112), (184, 148, 100), (170, 136, 96)])
        c.shadow(x + size / 2, y, size * 0.55, 8)
        c.rect(x, y - size * 0.72, size, size * 0.72, tone)
        c.rect(x, y - size * 0.72, size, 8, shade(tone, 1.12))
        c.rect(x + size * 0.44, y - size * 0.72, size * 0.12, size * 0.72, shade(tone, 0.88))
    bag(c, 560, 700, 84, rng)
    bag(c, 610, 720, 70, rng)
    c.line([(600, 640), (520, 430)], (150, 120, 80), 9)


def fire_equipment(c: Canvas, rng: Random, is_after: bool) -> None:
    """A hydrant cabinet empty and broken, or complete."""
    stairwell(c, rng)
    c.rect(540, 190, 150, 210, (178, 40, 36), radius=4)
    c.rect(552, 204, 126, 150, (226, 232, 236) if is_after else (52, 50, 50))
    c.text(615, 378, "消火栓", 26, (255, 240, 230))
    if is_after:
        for ring, tone in ((48, 206), (40, 168), (32, 206), (24, 168), (16, 206)):
            c.oval(612, 276, ring, ring, (tone, tone - 8, tone - 28))
        c.rect(590, 610, 44, 96, (196, 40, 36), radius=16)
        c.rect(602, 590, 20, 24, (40, 42, 46))
        return
    c.line([(556, 210), (620, 270), (600, 350)], (220, 224, 226), 3)
    c.line([(620, 270), (676, 230)], (220, 224, 226), 3)
    c.poly([(690, 190), (760, 216), (760, 420), (690, 400)], (156, 34, 30))


def roof_leak(c: Canvas, rng: Random, is_after: bool) -> None:
    """Water through a ceiling into a bucket, or the ceiling repaired."""
    c.gradient(0, 560, (238, 234, 224), (228, 222, 210))
    c.poly([(0, 0), (1024, 0), (880, 130), (144, 130)], (246, 244, 238))
    c.gradient(560, HEIGHT, (196, 160, 122), (176, 142, 106))
    c.rect(90, 210, 230, 230, (250, 250, 248))
    c.rect(102, 222, 206, 206, (170, 204, 222))
    c.rect(640, 420, 300, 150, (120, 140, 166), radius=16)
    c.rect(640, 380, 300, 70, (136, 156, 182), radius=16)
    spots = [(rng.uniform(-90, 90), rng.uniform(-14, 20)) for _ in range(7)]
    if is_after:
        return
    for dx, dy in spots:
        c.blob(500 + dx, 84 + dy, 96, 26, (196, 178, 136, 150), rng, 0.2)
        c.blob(500 + dx * 0.6, 84 + dy * 0.6, 50, 15, (160, 140, 100, 150), rng, 0.2)
    for number in range(9):
        y = 150 + number * 54
        c.poly([(500, y - 16), (508, y), (500, y + 8), (492, y)], (120, 170, 210))
    c.poly([(440, 600), (560, 600), (545, 700), (455, 700)], (70, 120, 180))
    c.oval(500, 600, 60, 14, (150, 190, 220))
    c.blob(500, 712, 150, 20, (150, 176, 196, 150), rng, 0.15)


def facade(c: Canvas, rng: Random, is_after: bool) -> None:
    """Plaster falling from an outer wall, or the wall made good."""
    sky(c, is_night=False, bottom=560)
    building(c, 120, 30, 780, 560, rng.choice(FACADES), rng)
    c.gradient(580, HEIGHT, (196, 192, 184), (172, 168, 160))
    if is_after:
        return
    for x, y, rx, ry in ((300, 180, 60, 36), (640, 260, 84, 46), (480, 420, 54, 34)):
        c.blob(x, y, rx, ry, (150, 132, 112), rng, 0.25)
        c.blob(x + 6, y + 6, rx * 0.7, ry * 0.7, (170, 104, 80), rng, 0.25)
    for _ in range(16):
        c.blob(
            rng.uniform(260, 740),
            620 + rng.uniform(0, 60),
            rng.uniform(8, 22),
            rng.uniform(5, 12),
            (206, 196, 178),
            rng,
        )
    for post in (240, 510, 780):
        c.rect(post - 4, 610, 8, 90, (230, 190, 40))
    c.curve((240, 630), (510, 630), 12, (214, 60, 48), 8)
    c.curve((510, 630), (780, 630), 12, (214, 60, 48), 8)


def meeting(c: Canvas, rng: Random, is_after: bool) -> None:
    """The table of the community: empty before the talk, an agreement on it afterwards."""
    room(c, rng)
    c.shadow(510, 640, 330, 24)
    c.poly([(210, 560), (810, 560), (880, 640), (140, 640)], (150, 104, 70))
    c.rect(140, 640, 740, 24, (126, 86, 56))
    for x in (170, 830):
        c.rect(x, 664, 22, 100, (110, 74, 48))
    for x in (300, 700):
        c.oval(x, 590, 24, 9, (246, 246, 244))
        c.rect(x - 20, 560, 40, 30, (246, 246, 244), radius=5)
    if not is_after:
        c.text(510, 610, "?", 54, (236, 220, 196))
        return
    c.poly([(430, 574), (590, 574), (606, 628), (414, 628)], (252, 252, 250))
    c.text(510, 590, "协议书", 20, (60, 64, 72))
    for row in range(3):
        c.line([(446 - row * 3, 604 + row * 7), (570 + row * 3, 604 + row * 7)], (150, 152, 158), 2)
    c.oval(566, 614, 16, 8, (206, 50, 44, 190))
