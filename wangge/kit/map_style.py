"""Colours and lines of drawn maps: muted, so that what is reported stands out; light and dark."""

from __future__ import annotations

from dataclasses import dataclass

FONT = "PingFang SC, HarmonyOS Sans SC, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, sans-serif"


@dataclass(frozen=True)
class Ink:
    """How one class of features is drawn: colours, width of its line in pixels, dashes."""

    fill: str = "none"
    line: str = "none"
    width: float = 0.0
    dashes: str = ""


# Drawn in this order, from the bottom upwards. Roads carry their width in metres.
LIGHT: dict[str, Ink] = {
    "sea": Ink("#d3e3ee"), "land": Ink("#f5f4f0", "#b9c4cc", 1.0), "beach": Ink("#f3ecd8"),
    "harbour": Ink("#e9e9ed"), "industrial": Ink("#eeedf1"), "compound": Ink("#efece5"),
    "field": Ink("#ebeed8"), "green": Ink("#e2ecdb"), "park": Ink("#d9e8cf"), "wood": Ink("#d0e0c6"),
    "pond": Ink("#d3e3ee"), "track": Ink("#e6d3c8"), "yard": Ink("#dadce4"), "pier": Ink("#e9e9ed"),
    "road": Ink("none", "#ffffff"), "building": Ink("#dcd8d1", "#c4bfb6", 0.5),
}  # fmt: skip
DARK: dict[str, Ink] = {
    "sea": Ink("#0f2233"), "land": Ink("#1a222d", "#35506a", 1.0), "beach": Ink("#2a2b28"),
    "harbour": Ink("#222a36"), "industrial": Ink("#212936"), "compound": Ink("#1f2833"),
    "field": Ink("#202a28"), "green": Ink("#1c2a26"), "park": Ink("#1d2f28"), "wood": Ink("#1b3027"),
    "pond": Ink("#0f2233"), "track": Ink("#2f2a2c"), "yard": Ink("#28303d"), "pier": Ink("#222a36"),
    "road": Ink("none", "#3a4656"), "building": Ink("#2d3745", "#3a4656", 0.5),
}  # fmt: skip
ROAD_M = {"wide": 26.0, "coast": 16.0, "street": 13.0}
ROAD_LEAST_PX = {"wide": 3.2, "coast": 2.2, "street": 1.4}
BORDERS: dict[str, Ink] = {
    "micro_grid": Ink("none", "#7b8798", 0.7, "2 2"), "grid": Ink("none", "#56657a", 1.0),
    "community": Ink("none", "#435066", 1.5), "street": Ink("none", "#2b3a52", 2.0),
    "police_grid": Ink("none", "#6b2fa0", 1.2, "6 3"), "dedicated": Ink("hatch", "#56657a", 1.0),
    "forest": Ink("hatch", "#3f6d3a", 1.0), "sea": Ink("hatch", "#2f6690", 1.0),
    "chosen": Ink("#1f5fbf", "#1f5fbf", 2.0),
}  # fmt: skip
DARK_BORDERS = {"police_grid": "#b48ced", "chosen": "#6ea8ff", "micro_grid": "#66758a", "street": "#d5deea"}
LIGHT_TEXT, DARK_TEXT = ("#3f4a5a", "#ffffff"), ("#c3ccd8", "#1a222d")  # ink, halo
# Classes whose features show their name, and how large.
NAME_PX = {"sea": 13, "harbour": 12, "industrial": 12, "wood": 12, "park": 11, "compound": 10}
