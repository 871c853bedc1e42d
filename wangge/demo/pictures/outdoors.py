"""Scenes beside the street, in yards and parks: before something was done, and after."""

from __future__ import annotations

from random import Random

from wangge.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, shade
from wangge.demo.pictures.places import (
    CARS,
    bag,
    bin_,
    car,
    cone,
    lamp,
    park,
    street,
    tree,
    wall,
    waterside,
    yard,
)  # fmt: skip


def street_lamp(c: Canvas, rng: Random, is_after: bool) -> None:
    """A street at dusk, its lamps out or lit."""
    street(c, rng, is_night=True)
    for x in (120, 430, 740):
        lamp(c, x + 20, 520, is_lit=is_after)
    if not is_after:
        c.rect(0, 0, WIDTH, HEIGHT, (8, 10, 18, 70))


def rubbish(c: Canvas, rng: Random, is_after: bool) -> None:
    """A drop-off point in a yard: a heap beside full bins, or clean."""
    yard(c, rng)
    c.rect(250, 430, 470, 150, (208, 212, 206))
    c.rect(236, 414, 498, 20, (96, 128, 110))
    c.text(485, 462, "垃圾分类投放点", 26, (66, 96, 80))
    colours: list[Colour] = [(70, 78, 84), (58, 110, 72), (52, 92, 150), (170, 60, 50)]
    for place, colour in enumerate(colours):
        bin_(c, 274 + place * 108, 596, colour, is_open=not is_after and place < 2)
    spots = [(rng.uniform(180, 780), rng.uniform(620, 690)) for _ in range(26)]
    if is_after:
        for x, y in spots[:7]:
            c.line([(x, y), (x + 60, y + 3)], (214, 220, 222, 150), 3)
        return
    c.shadow(480, 668, 300, 30)
    for x, y in sorted(spots, key=lambda spot: spot[1]):
        bag(c, x, y, rng.uniform(46, 88), rng)
    for x, y in spots[:14]:
        c.rect(
            x - 60,
            y + rng.uniform(-6, 22),
            26,
            14,
            rng.choice([(196, 160, 110), (238, 236, 230), (120, 160, 190)]),
        )
    for place in range(2):
        bag(c, 300 + place * 100, 500, 62, rng)


def bins(c: Canvas, rng: Random, is_after: bool) -> None:
    """Litter bins on the pavement: overflowing, or emptied."""
    street(c, rng)
    for left in (420, 520):
        bin_(c, left, 522, (62, 110, 80) if left == 420 else (74, 84, 96), is_open=not is_after)
    spots = [(rng.uniform(370, 680), rng.uniform(520, 568)) for _ in range(16)]
    if not is_after:
        for full in (436, 470, 536, 566):
            bag(c, full, 424, 50, rng)
        for x, y in spots:
            bag(c, x, y, rng.uniform(24, 52), rng)


def fly_posters(c: Canvas, rng: Random, is_after: bool) -> None:
    """Small notices all over a wall, or the wall clean."""
    wall(c, rng)
    bills = [(rng.uniform(60, 640), rng.uniform(150, 520), rng.uniform(-7, 7)) for _ in range(30)]
    if is_after:
        return
    papers: list[Colour] = [
        (250, 248, 240),
        (250, 232, 150),
        (246, 200, 196),
        (206, 232, 210),
        (250, 250, 252),
    ]
    for x, y, lean in bills:
        w, h = rng.uniform(56, 96), rng.uniform(64, 110)
        c.poly(
            [(x, y), (x + w, y + lean), (x + w - lean, y + h), (x - lean, y + h - lean)], rng.choice(papers)
        )
        ink = rng.choice([(190, 40, 40), (40, 60, 130), (50, 50, 54)])
        c.line([(x + 10, y + 18), (x + w - 12, y + 18 + lean)], ink, 7)
        for row in range(3):
            c.line(
                [(x + 10, y + 36 + row * 13), (x + w - 16, y + 36 + row * 13 + lean)], (130, 132, 138), 2.5
            )


def fallen_tree(c: Canvas, rng: Random, is_after: bool) -> None:
    """A tree across the road, or cleared away."""
    street(c, rng)
    x = 220 + rng.uniform(-30, 30)
    c.rect(x - 46, 500, 92, 34, (150, 120, 92))
    if is_after:
        c.rect(x - 13, 478, 26, 34, (118, 92, 68))
        c.oval(x, 478, 14, 6, (206, 176, 132))
        return
    c.shadow(560, 680, 360, 30)
    c.poly([(x - 20, 520), (x + 14, 494), (800, 640), (800, 670)], (112, 86, 64))
    for number in range(16):
        px = 560 + number * 25
        c.blob(
            px,
            630 + rng.uniform(-70, 50),
            74,
            58,
            (84 + rng.randint(-12, 14), 130 + rng.randint(-14, 14), 80),
            rng,
        )
    for _ in range(12):
        c.line([(rng.uniform(420, 900), rng.uniform(590, 720)), (rng.uniform(420, 940), rng.uniform(590, 720))],
               (104, 80, 58), 5)  # fmt: skip


def dirty_water(c: Canvas, rng: Random, is_after: bool) -> None:
    """Scum and rubbish on a channel, or clear water."""
    waterside(c, rng, is_clean=is_after)
    if is_after:
        return
    for _ in range(16):
        c.blob(rng.uniform(40, 980), rng.uniform(430, 650), rng.uniform(26, 80), rng.uniform(6, 15),
               rng.choice([(128, 140, 70, 220), (164, 160, 128, 210), (92, 96, 60, 220)]), rng, 0.2)  # fmt: skip
    for _ in range(22):
        x, y = rng.uniform(30, 980), rng.uniform(430, 650)
        c.rect(x, y, rng.uniform(14, 32), rng.uniform(8, 14),
               rng.choice([(240, 240, 236), (90, 150, 200), (210, 70, 60), (190, 160, 110)]), radius=4)  # fmt: skip


def cables(c: Canvas, rng: Random, is_after: bool) -> None:
    """Cables hanging loose between poles, or bundled."""
    street(c, rng)
    poles = (150, 860)
    for x in poles:
        c.rect(x - 8, 110, 16, 420, (128, 122, 114))
        c.rect(x - 52, 140, 104, 9, (112, 106, 98))
    a, b = (150, 146), (860, 146)
    if is_after:
        for lift in (0, 9):
            c.curve((a[0], a[1] + lift), (b[0], b[1] + lift), 34, (44, 46, 50), 7)
        for place in range(1, 10):
            t = place / 10
            c.rect(150 + 710 * t - 3, 142 + 34 * 4 * t * (1 - t), 7, 20, (206, 208, 212))
        return
    for _ in range(13):
        c.curve((a[0], a[1] + rng.uniform(-4, 60)), (b[0], b[1] + rng.uniform(-4, 60)), rng.uniform(30, 260),
                (40, 42, 46), rng.uniform(2, 4.5))  # fmt: skip
    for x in (390, 520, 640):
        c.curve((x, 300), (x + rng.uniform(-40, 40), rng.uniform(460, 600)), 0, (40, 42, 46), 3.5)
    for ring in (56, 44, 32):
        c.oval(226, 300, ring, ring * 0.9, (40, 42, 46))
        c.oval(226, 300, ring - 5, ring * 0.9 - 5, (196, 190, 182))


def fire_passage(c: Canvas, rng: Random, is_after: bool) -> None:
    """The way kept for fire engines: blocked by cars, or free."""
    yard(c, rng)
    c.poly([(300, HEIGHT), (760, HEIGHT), (640, 510), (420, 510)], (186, 182, 174))
    for side in ((300, 420), (760, 640)):
        c.line([(side[0], HEIGHT), (side[1], 510)], (232, 190, 40), 8)
    c.text(530, 660, "消防车通道", 46, (232, 190, 40))
    c.text(530, 708, "禁止占用", 30, (232, 190, 40))
    colours = rng.sample(CARS, 2)
    if not is_after:
        car(c, 380, 560, 220, colours[0])
        car(c, 400, 630, 290, colours[1])


def stalls(c: Canvas, rng: Random, is_after: bool) -> None:
    """Goods and tables of shops on the pavement, or inside."""
    street(c, rng)
    signs = rng.sample(["水果店", "五金店", "面馆", "便民超市", "海鲜", "理发店"], 3)
    for place, sign in enumerate(signs):
        left = 60 + place * 310
        c.rect(left, 250, 290, 196, (120, 132, 146))
        c.rect(left + 14, 316, 262, 130, (196, 212, 222))
        c.rect(left, 250, 290, 54, rng.choice([(170, 54, 48), (46, 110, 90), (60, 84, 150)]))
        c.text(left + 145, 277, sign, 32, (252, 248, 238))
    spots = [(rng.uniform(70, 900), rng.uniform(470, 548)) for _ in range(15)]
    if is_after:
        return
    for x, y in sorted(spots, key=lambda spot: spot[1]):
        tone = rng.choice([(190, 150, 96), (206, 90, 60), (120, 160, 80), (90, 130, 180)])
        c.shadow(x + 34, y + 2, 42, 6)
        c.rect(x, y - 38, 70, 38, shade(tone, 0.8))
        for number in range(5):
            c.oval(x + 9 + number * 13, y - 40, 8, 7, tone)
    c.poly([(380, 470), (640, 470), (700, 430), (330, 430)], (210, 70, 60))
    c.rect(378, 470, 6, 90, (120, 122, 126))
    c.rect(638, 470, 6, 90, (120, 122, 126))


def smoke(c: Canvas, rng: Random, is_after: bool) -> None:
    """Smoke of an open-air barbecue or of burning leaves, or clear air."""
    street(c, rng)
    c.rect(430, 500, 190, 26, (60, 62, 66))
    for x in (440, 606):
        c.rect(x, 526, 7, 70, (70, 72, 76))
    if is_after:
        c.line([(420, 484), (640, 484)], (206, 208, 212), 6)
        return
    for number in range(14):
        c.oval(446 + number * 12, 503, 8, 6, rng.choice([(236, 120, 40), (250, 190, 70), (200, 70, 40)]))
    for number in range(40):
        rise = number * 9
        c.glow(520 + rng.uniform(-30, 30) + rise * 0.3, 480 - rise, 26 + rise * 0.13, (208, 208, 206), 70)


def facility(c: Canvas, rng: Random, is_after: bool) -> None:
    """Exercise equipment and a bench in a green: broken, or repaired."""
    park(c, rng)
    blue: Colour = (52, 110, 168) if is_after else (110, 120, 126)
    c.shadow(330, 640, 150, 14)
    for x in (220, 440):
        c.rect(x - 6, 430, 12, 210, (228, 170, 50) if is_after else (170, 140, 90))
    c.rect(214, 424, 232, 12, (228, 170, 50) if is_after else (170, 140, 90))
    for x in (290, 370):
        c.line([(x, 436), (x if is_after or x == 290 else x + 60, 560)], blue, 8)
        if is_after or x == 290:
            c.rect(x - 30, 558, 60, 12, blue, radius=4)
    if not is_after:
        c.poly([(420, 640), (490, 626), (496, 640), (430, 654)], blue)
    c.rect(640, 560, 250, 16, (150, 104, 66))
    if is_after:
        c.rect(640, 520, 250, 14, (150, 104, 66))
    else:
        c.poly([(650, 610), (840, 644), (836, 658), (646, 626)], (150, 104, 66))
    for x in (660, 860):
        c.rect(x, 520, 10, 100, (70, 72, 76))


def illegal_building(c: Canvas, rng: Random, is_after: bool) -> None:
    """A shed put up in a yard without permission, or the ground given back."""
    yard(c, rng)
    if is_after:
        c.rect(330, 470, 380, 60, (150, 182, 120))
        tree(c, 430, 520, 120, rng)
        tree(c, 600, 520, 120, rng)
        return
    c.shadow(520, 580, 230, 18)
    c.rect(330, 380, 380, 200, (190, 120, 92))
    for y in range(392, 580, 24):
        c.line([(330, y), (710, y)], (168, 102, 78), 2)
    c.poly([(300, 384), (740, 384), (700, 330), (340, 330)], (86, 132, 176))
    for x in range(350, 700, 40):
        c.line([(x, 330), (x - 14, 384)], (70, 112, 152), 3)
    c.rect(390, 450, 80, 130, (110, 112, 116))
    c.rect(550, 430, 110, 70, (170, 196, 210))


def place(c: Canvas, rng: Random, is_after: bool) -> None:
    """Any other matter in the open: a place marked for attention, or in order."""
    street(c, rng)
    x = 510 + rng.uniform(-60, 60)
    if is_after:
        c.oval(x, 620, 58, 58, (46, 125, 79))
        c.line([(x - 26, 622), (x - 6, 642), (x + 30, 600)], (255, 255, 255), 12)
        return
    for side in (-170, 170):
        cone(c, x + side, 690, 80)
    c.curve((x - 170, 630), (x + 170, 630), 16, (222, 60, 48), 9)
    c.curve((x - 170, 656), (x + 170, 656), 16, (240, 240, 236), 9)
    c.poly([(x, 540), (x + 66, 650), (x - 66, 650)], (242, 190, 40))
    c.text(x, 618, "!", 62, (50, 44, 20))
