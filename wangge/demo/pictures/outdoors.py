"""Scenes in the street and the open: before something was done, and after."""

from __future__ import annotations

from random import Random

from wangge.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, shade
from wangge.demo.pictures.places import (
    CARS,
    bag,
    bicycle,
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

HOLE: Colour = (26, 27, 30)


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
