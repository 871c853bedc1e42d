"""Backgrounds: street, compound yard, wall, stairwell, waterside, park, meeting room; and things on them."""

from __future__ import annotations

from random import Random

from wangge.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, shade

FACADES: list[Colour] = [(214, 196, 172), (196, 205, 214), (222, 210, 190), (205, 190, 180), (188, 198, 190)]
CARS: list[Colour] = [(178, 52, 48), (52, 92, 148), (230, 230, 232), (70, 74, 80), (196, 170, 110)]


def sky(c: Canvas, *, is_night: bool, bottom: float = 460) -> None:
    """Day or dusk over the whole picture."""
    if is_night:
        c.gradient(0, bottom, (26, 34, 62), (86, 82, 112))
    else:
        c.gradient(0, bottom, (150, 192, 226), (228, 238, 244))


def building(
    c: Canvas, x: float, y: float, w: float, h: float, colour: Colour, rng: Random, *, is_night: bool = False
) -> None:
    """A block of flats with rows of windows and a flat roof."""
    body = shade(colour, 0.42) if is_night else colour
    c.rect(x, y, w, h, body)
    c.rect(x - 4, y - 8, w + 8, 10, shade(body, 0.82))
    columns, rows = max(2, int(w // 46)), max(2, int(h // 58))
    for row in range(rows):
        for column in range(columns):
            wx, wy = x + (column + 0.22) * w / columns, y + (row + 0.25) * h / rows
            ww, wh = w / columns * 0.56, h / rows * 0.5
            lit = is_night and rng.random() < 0.4
            glass: Colour = (250, 214, 130) if lit else (58, 66, 88) if is_night else (150, 178, 198)
            c.rect(wx, wy, ww, wh, glass)
            c.line([(wx + ww / 2, wy), (wx + ww / 2, wy + wh)], shade(body, 0.9), 2)
            if rng.random() < 0.22:
                c.rect(
                    wx + ww * 0.1,
                    wy + wh + 3,
                    ww * 0.5,
                    11,
                    shade(body, 0.93) if is_night else (236, 236, 234),
                )


def tree(c: Canvas, x: float, ground: float, size: float, rng: Random, *, is_night: bool = False) -> None:
    """A street tree."""
    trunk, leaf = (104, 82, 62), (88 + rng.randint(-10, 12), 134 + rng.randint(-12, 12), 84)
    dim = 0.45 if is_night else 1.0
    c.rect(x - size * 0.05, ground - size * 0.55, size * 0.1, size * 0.55, shade(trunk, dim))
    for dx, dy, r in ((-0.22, -0.62, 0.26), (0.22, -0.64, 0.26), (0, -0.86, 0.3), (0, -0.6, 0.26)):
        tone = shade(leaf, dim * rng.uniform(0.9, 1.08))
        c.blob(x + dx * size, ground + dy * size, r * size, r * size, tone, rng, 0.09)


def street(c: Canvas, rng: Random, *, is_night: bool = False) -> None:
    """A street seen from the opposite pavement: houses, trees, pavement, kerb, carriageway."""
    sky(c, is_night=is_night)
    x = -30.0
    while x < WIDTH:
        w = rng.uniform(150, 250)
        h = rng.uniform(170, 330)
        building(c, x, 430 - h, w, h, rng.choice(FACADES), rng, is_night=is_night)
        x += w + rng.uniform(6, 46)
    dim = 0.42 if is_night else 1.0
    c.rect(0, 424, WIDTH, 106, shade((206, 203, 197), dim))
    for column in range(-4, 22):
        c.line([(column * 60, 530), (300 + column * 24, 424)], shade((190, 187, 181), dim), 1.5)
    for y in (446, 476):
        c.line([(0, y), (WIDTH, y)], shade((190, 187, 181), dim), 1.5)
    for place in range(4):
        tree(c, 110 + place * 270 + rng.uniform(-30, 30), 442, rng.uniform(120, 165), rng, is_night=is_night)
    c.rect(0, 528, WIDTH, 12, shade((178, 176, 172), dim))
    c.gradient(540, HEIGHT, shade((112, 114, 118), dim), shade((92, 94, 98), dim))
    for column in range(-1, 6):
        c.poly(
            [
                (column * 230 + 40, 640),
                (column * 230 + 150, 640),
                (column * 230 + 142, 650),
                (column * 230 + 28, 650),
            ],
            shade((226, 226, 220), 0.55 if is_night else 1.0),
        )


def yard(c: Canvas, rng: Random) -> None:
    """The yard of a compound: a long block, lawn, a paved way."""
    sky(c, is_night=False, bottom=300)
    building(c, -20, 40, 620, 400, rng.choice(FACADES), rng)
    building(c, 640, 110, 420, 330, rng.choice(FACADES), rng)
    c.rect(0, 430, WIDTH, 80, (138, 172, 112))
    for _ in range(24):
        c.blob(rng.uniform(0, WIDTH), rng.uniform(440, 500), 20, 8, (124, 160, 100), rng)
    for x in (90, 610, 930):
        tree(c, x + rng.uniform(-25, 25), 470, rng.uniform(130, 170), rng)
    c.gradient(506, HEIGHT, (202, 198, 190), (178, 174, 166))
    for y in (548, 606, 684):
        c.line([(0, y), (WIDTH, y)], (184, 180, 172), 2)


def wall(c: Canvas, rng: Random) -> None:
    """A wall beside an entrance, seen from near."""
    body = rng.choice(FACADES)
    c.gradient(0, 610, shade(body, 1.04), shade(body, 0.96))
    c.rect(0, 470, WIDTH, 140, shade(body, 0.82))
    for y in range(486, 610, 30):
        c.line([(0, y), (WIDTH, y)], shade(body, 0.76), 1.5)
        for x in range(((y // 30) % 2) * 34, WIDTH, 68):
            c.line([(x, y), (x, y + 30)], shade(body, 0.76), 1.5)
    c.rect(744, 150, 210, 460, (96, 108, 120))
    c.rect(756, 164, 90, 446, (118, 132, 146))
    c.rect(852, 164, 90, 446, (118, 132, 146))
    c.oval(840, 400, 6, 6, (230, 214, 160))
    c.oval(858, 400, 6, 6, (230, 214, 160))
    c.rect(730, 128, 238, 24, shade(body, 0.7))
    c.gradient(610, HEIGHT, (186, 184, 180), (160, 158, 154))


def stairwell(c: Canvas, rng: Random) -> None:
    """The landing of an old block: two-tone walls, door, window, stairs going up."""
    c.gradient(0, 560, (232, 230, 222), (222, 219, 210))
    c.rect(0, 330, WIDTH, 230, (150, 178, 158))
    c.rect(0, 324, WIDTH, 8, (118, 146, 128))
    c.gradient(560, HEIGHT, (172, 168, 160), (140, 136, 130))
    c.rect(70, 96, 180, 210, (238, 246, 250))
    c.rect(82, 108, 74, 186, (176, 208, 226))
    c.rect(164, 108, 74, 186, (176, 208, 226))
    c.rect(330, 150, 170, 412, (122, 84, 62))
    c.rect(344, 166, 142, 170, (138, 98, 74))
    c.rect(344, 356, 142, 190, (138, 98, 74))
    c.oval(480, 372, 7, 7, (224, 200, 120))
    c.text(415, 140, f"{rng.randint(1, 3)}0{rng.randint(1, 2)}", 20, (90, 96, 90))
    for step in range(8):
        x, y = 640 + step * 48, 560 - step * 44
        c.rect(x, y, WIDTH - x, 44, shade((186, 182, 174), 1 - step * 0.02))
        c.rect(x, y, WIDTH - x, 6, (206, 202, 194))
    c.line([(628, 470), (1010, 120)], (120, 92, 70), 12)
    for step in range(8):
        c.line([(650 + step * 48, 452 - step * 44), (650 + step * 48, 560 - step * 44)], (110, 110, 108), 4)


def waterside(c: Canvas, rng: Random, *, is_clean: bool) -> None:
    """A channel between stone banks."""
    sky(c, is_night=False, bottom=300)
    for place in range(6):
        building(c, place * 190 - 40, 200 - rng.uniform(0, 70), 130, 180, rng.choice(FACADES), rng)
    for place in range(9):
        tree(c, place * 130 + rng.uniform(-20, 20), 350, rng.uniform(80, 120), rng)
    c.rect(0, 346, WIDTH, 44, (176, 172, 164))
    for joint in range(0, WIDTH, 62):
        c.line([(joint, 348), (joint - 10, 390)], (152, 148, 140), 2)
    if is_clean:
        c.gradient(390, HEIGHT - 90, (128, 176, 198), (84, 142, 172))
    else:
        c.gradient(390, HEIGHT - 90, (104, 108, 84), (72, 78, 62))
    for _ in range(26):
        x, y = rng.uniform(0, WIDTH), rng.uniform(400, HEIGHT - 110)
        tone: Colour = (190, 222, 234, 110) if is_clean else (140, 144, 110, 90)
        c.line([(x, y), (x + rng.uniform(30, 90), y)], tone, 2.5)
    c.rect(0, HEIGHT - 92, WIDTH, 92, (188, 184, 176))
    for post in range(20, WIDTH, 96):
        c.rect(post, HEIGHT - 190, 10, 110, (228, 228, 224))
    for rail in (HEIGHT - 184, HEIGHT - 142):
        c.rect(0, rail, WIDTH, 9, (228, 228, 224))


def park(c: Canvas, rng: Random) -> None:
    """Lawn, path, trees."""
    sky(c, is_night=False, bottom=380)
    for place in range(8):
        tree(c, place * 140 + rng.uniform(-30, 30), 400, rng.uniform(150, 230), rng)
    c.gradient(380, HEIGHT, (150, 186, 118), (122, 164, 96))
    c.poly([(330, HEIGHT), (760, HEIGHT), (600, 400), (560, 400)], (214, 204, 184))
    for _ in range(40):
        c.blob(rng.uniform(0, WIDTH), rng.uniform(420, 750), 16, 5, (116, 156, 92), rng)


def room(c: Canvas, rng: Random) -> None:
    """A meeting room of the community with a table."""
    c.gradient(0, 520, (240, 236, 226), (232, 227, 216))
    c.rect(0, 500, WIDTH, 268, (196, 170, 138))
    for x in range(-200, WIDTH + 200, 120):
        c.line([(x, HEIGHT), (360 + x * 0.3, 500)], (180, 154, 122), 2)
    c.rect(90, 90, 250, 190, (250, 250, 248))
    c.rect(100, 100, 230, 170, (168, 204, 222))
    c.line([(215, 100), (215, 270)], (250, 250, 248), 8)
    c.rect(450, 84, 300, 76, (170, 44, 40), radius=4)
    c.text(600, 122, "邻里议事厅", 34, (252, 240, 214))
    tree(c, 900, 520, 240, rng)
    c.rect(866, 500, 70, 76, (180, 112, 80), radius=8)


def lamp(c: Canvas, x: float, foot: float, *, is_lit: bool, height: float = 330) -> None:
    """A street lamp with its cone of light."""
    if is_lit:
        c.poly([(x + 92, foot - height + 18), (x - 60, foot + 60), (x + 270, foot + 60)], (255, 226, 150, 46))
        c.glow(x + 96, foot - height + 16, 58, (255, 222, 140), 190)
    c.rect(x - 5, foot - height, 10, height, (70, 74, 82))
    c.curve((x, foot - height), (x + 96, foot - height + 8), -14, (70, 74, 82), 8)
    c.rect(x + 66, foot - height + 4, 62, 15, (255, 240, 190) if is_lit else (58, 60, 66), radius=6)


def car(c: Canvas, x: float, ground: float, size: float, colour: Colour) -> None:
    """A car from the side; the plate is left empty."""
    c.shadow(x + size / 2, ground, size * 0.5, 10)
    c.rect(x, ground - size * 0.27, size, size * 0.2, colour, radius=size * 0.06)
    c.poly(
        [(x + size * 0.16, ground - size * 0.26), (x + size * 0.3, ground - size * 0.42),
         (x + size * 0.68, ground - size * 0.42), (x + size * 0.86, ground - size * 0.26)],
        shade(colour, 0.94),
    )  # fmt: skip
    for a, b in ((0.23, 0.46), (0.5, 0.78)):
        inner = a + 0.09 if a < 0.4 else a
        outer = b if a < 0.4 else b - 0.11
        c.poly([(x + size * a, ground - size * 0.27), (x + size * inner, ground - size * 0.39),
                (x + size * outer, ground - size * 0.39), (x + size * b, ground - size * 0.27)],
               (178, 204, 220))  # fmt: skip
    for place in (0.22, 0.78):
        c.oval(x + size * place, ground - size * 0.06, size * 0.085, size * 0.085, (38, 40, 44))
        c.oval(x + size * place, ground - size * 0.06, size * 0.042, size * 0.042, (176, 178, 182))


def bicycle(
    c: Canvas, x: float, ground: float, size: float, colour: Colour, *, is_fallen: bool = False
) -> None:
    """A bicycle, standing or thrown down."""
    squash = 0.45 if is_fallen else 1.0
    r = size * 0.25
    for place in (0.0, size * 0.72):
        for inner, tone in ((r, (46, 48, 52)), (r * 0.84, (224, 222, 216))):
            c.oval(x + place, ground - r * squash, inner, inner * squash, tone)
        c.line(
            [(x + place - r, ground - r * squash), (x + place + r, ground - r * squash)], (120, 122, 126), 1.5
        )
    hub, seat = (x + size * 0.3, ground - r * squash), (x + size * 0.2, ground - size * 0.52 * squash)
    bar = (x + size * 0.62, ground - size * 0.56 * squash)
    c.line([(x, ground - r * squash), hub, bar, (x + size * 0.72, ground - r * squash)], colour, 5)
    c.line([(x, ground - r * squash), seat, hub], colour, 5)
    c.line([seat, bar], colour, 5)
    c.line([(seat[0] - 12, seat[1] - 6), (seat[0] + 12, seat[1] - 6)], (40, 42, 46), 7)
    c.line([bar, (bar[0] - 8, bar[1] - 16 * squash), (bar[0] - 26, bar[1] - 18 * squash)], (40, 42, 46), 4)


def cone(c: Canvas, x: float, ground: float, size: float = 60) -> None:
    """A traffic cone."""
    c.shadow(x, ground, size * 0.45, 6)
    c.poly([(x - size * 0.3, ground - 4), (x - size * 0.07, ground - size), (x + size * 0.07, ground - size),
            (x + size * 0.3, ground - 4)], (226, 92, 40))  # fmt: skip
    c.poly([(x - size * 0.2, ground - size * 0.38), (x - size * 0.14, ground - size * 0.62),
            (x + size * 0.14, ground - size * 0.62), (x + size * 0.2, ground - size * 0.38)], (246, 246, 244))  # fmt: skip
    c.rect(x - size * 0.42, ground - 7, size * 0.84, 8, (200, 78, 34), radius=3)


def bag(c: Canvas, x: float, ground: float, size: float, rng: Random) -> None:
    """A full rubbish bag."""
    tone = rng.choice([(52, 56, 62), (68, 72, 78), (214, 210, 204), (88, 118, 150), (190, 80, 70)])
    c.blob(x, ground - size * 0.42, size * 0.52, size * 0.44, tone, rng, 0.1)
    c.poly(
        [(x - size * 0.12, ground - size * 0.8), (x, ground - size), (x + size * 0.12, ground - size * 0.8)],
        tone,
    )
    c.line(
        [(x - size * 0.2, ground - size * 0.5), (x - size * 0.05, ground - size * 0.3)], shade(tone, 1.25), 3
    )


def bin_(c: Canvas, x: float, ground: float, colour: Colour, *, is_open: bool = False) -> None:
    """A wheeled bin."""
    c.shadow(x + 38, ground, 48, 8)
    c.poly([(x, ground - 112), (x + 78, ground - 112), (x + 70, ground), (x + 8, ground)], colour)
    if is_open:
        c.poly([(x - 6, ground - 114), (x - 30, ground - 168), (x - 16, ground - 172), (x + 10, ground - 118)],
               shade(colour, 0.8))  # fmt: skip
    else:
        c.rect(x - 5, ground - 124, 88, 16, shade(colour, 0.8), radius=6)
    c.oval(x + 14, ground - 2, 9, 9, (44, 46, 50))
    c.oval(x + 64, ground - 2, 9, 9, (44, 46, 50))
