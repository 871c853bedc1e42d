"""A drawing sheet of 1024 × 768 units, drawn twice as large and shrunk for smooth edges."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 1024, 768
SCALE = 2
LARGEST_BYTES = 60_000
Colour = tuple[int, int, int] | tuple[int, int, int, int]
XY = tuple[float, float]

FONT_FOLDERS = [
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts",
]  # fmt: skip
FONT_FILES = [
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.ttf", "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf",
    "PingFang.ttc", "STHeiti Medium.ttc", "msyh.ttc", "simhei.ttf",
]  # fmt: skip


@cache
def chinese_font() -> Path | None:
    """A font file with Chinese letters on this machine, the best known first; None when there is none."""
    found: dict[str, Path] = {}
    for folder in FONT_FOLDERS:
        root = Path(folder).expanduser()
        if root.is_dir():
            for path in root.rglob("*.[to]t[fc]"):
                found.setdefault(path.name, path)
    return next((found[name] for name in FONT_FILES if name in found), None)


@cache
def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The Chinese font at a size in units, or the plain built-in one."""
    path = chinese_font()
    if path is None:
        return ImageFont.load_default(size * SCALE)
    return ImageFont.truetype(str(path), round(size * SCALE))


class Canvas:
    """Shapes in units; colours are (red, green, blue) with an optional opacity."""

    def __init__(self, ground: Colour = (240, 240, 238)) -> None:
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), ground)
        self._draw = ImageDraw.Draw(self.image, "RGBA")

    def gradient(self, top: float, bottom: float, upper: Colour, lower: Colour) -> None:
        """A vertical run of colour over the whole width."""
        first, rows = round(top * SCALE), max(1, round((bottom - top) * SCALE))
        run = Image.linear_gradient("L").resize((1, rows), Image.Resampling.BILINEAR)
        bands = [
            run.point([round(a + (b - a) * t / 255) for t in range(256)])
            for a, b in zip(upper[:3], lower[:3], strict=True)
        ]
        self.image.paste(
            Image.merge("RGB", bands).resize((WIDTH * SCALE, rows), Image.Resampling.NEAREST), (0, first)
        )

    def rect(self, x: float, y: float, w: float, h: float, fill: Colour, radius: float = 0) -> None:
        """A rectangle from its left upper corner."""
        area = [x * SCALE, y * SCALE, (x + w) * SCALE, (y + h) * SCALE]
        if radius:
            self._draw.rounded_rectangle(area, radius * SCALE, fill=fill)
        else:
            self._draw.rectangle(area, fill=fill)

    def poly(self, points: Sequence[XY], fill: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """A filled ellipse around a point."""
        self._draw.ellipse(
            [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE], fill=fill
        )

    def line(self, points: Sequence[XY], fill: Colour, width: float = 2) -> None:
        """A line with round joints."""
        self._draw.line([(x * SCALE, y * SCALE) for x, y in points], fill=fill, width=round(width * SCALE),
                        joint="curve")  # fmt: skip

    def curve(self, a: XY, b: XY, sag: float, fill: Colour, width: float = 2) -> None:
        """A hanging line from a to b."""
        points = []
        for step in range(25):
            t = step / 24
            points.append((a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + sag * 4 * t * (1 - t)))
        self.line(points, fill, width)

    def blob(
        self, x: float, y: float, rx: float, ry: float, fill: Colour, rng: Random, rough: float = 0.18
    ) -> None:
        """An uneven round shape: heap, puddle, bush."""
        waves = [(count, rng.uniform(0, 6.3), rng.uniform(0.3, 1.0)) for count in (2, 3, 5, 7)]
        points = []
        for step in range(48):
            angle = 2 * math.pi * step / 48
            reach = 1 + rough * sum(size * math.sin(count * angle + at) / 2 for count, at, size in waves)
            points.append((x + rx * reach * math.cos(angle), y + ry * reach * math.sin(angle)))
        self.poly(points, fill)

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: int = 80) -> None:
        """A soft shadow on the ground."""
        self._glow(x, y, rx, ry, (20, 24, 30), strength, 9)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: int = 150) -> None:
        """Light around a lamp."""
        self._glow(x, y, radius, radius, colour, strength, radius / 2.2)

    def _glow(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, strength: int, soft: float
    ) -> None:
        margin = soft * 3
        size = (round((rx + margin) * 2 * SCALE), round((ry + margin) * 2 * SCALE))
        mask = Image.new("L", size, 0)
        area = [margin * SCALE, margin * SCALE, size[0] - margin * SCALE, size[1] - margin * SCALE]
        ImageDraw.Draw(mask).ellipse(area, fill=strength)
        small = mask.reduce(4)
        mask = small.filter(ImageFilter.GaussianBlur(soft * SCALE / 4)).resize(
            size, Image.Resampling.BILINEAR
        )
        corner = (round((x - rx - margin) * SCALE), round((y - ry - margin) * SCALE))
        self.image.paste(colour[:3], (*corner, corner[0] + size[0], corner[1] + size[1]), mask)

    def text(self, x: float, y: float, words: str, size: float, fill: Colour, *, anchor: str = "mm") -> None:
        """Words around a point; other letters than ASCII are left out where no Chinese font exists."""
        if chinese_font() is None and not words.isascii():
            return
        self._draw.text((x * SCALE, y * SCALE), words, fill=fill, font=font(size), anchor=anchor)

    def mark_as_drawing(self) -> None:
        """The words that keep anyone from taking it for a photograph."""
        words = "示意图 · 非照片" if chinese_font() else "DRAWING, NOT A PHOTOGRAPH"
        wide = 188 if chinese_font() else 326
        self.rect(WIDTH - wide - 14, HEIGHT - 52, wide, 38, (255, 255, 255, 215), radius=6)
        self._draw.text(((WIDTH - wide / 2 - 14) * SCALE, (HEIGHT - 33) * SCALE), words, fill=(60, 66, 76),
                        font=font(20), anchor="mm")  # fmt: skip

    def jpeg(self) -> bytes:
        """The finished picture, at most 60 kB."""
        small = self.image.reduce(SCALE)
        for quality in (82, 74, 66, 58, 50, 40, 30):
            out = io.BytesIO()
            small.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            if out.tell() <= LARGEST_BYTES:
                break
        return out.getvalue()


def shade(colour: Colour, factor: float) -> Colour:
    """The colour made darker (below 1) or lighter (above 1)."""
    r, g, b = (max(0, min(255, round(part * factor))) for part in colour[:3])
    return r, g, b
