"""Which scene stands for which category: the longest beginning of the code decides."""

from __future__ import annotations

_TABLE = """
0101 illegal_building  0102 rubbish  0103 spoil  0104 bins  0105 dirty_water  0106 rubbish  0107 parking
0108 stairwell_clutter  0109 cables  0110 pothole  0111 dirty_water  0112 spoil  0113 facade  0114 dirty_water
0115 smoke  0116 smoke  01 bins  0201 fly_posters  0202 stalls  0203 stalls  0204 fly_posters  0205 stalls
02 fly_posters  0303 spoil  0304 site  0305 pothole  03 site  0401 pothole  0402 water_leak  0404 flooding
0405 water_leak  0406 flooding  0408 cables  04 place  0503 bins  0505 parking  0506 bicycles  0507 rubbish
0510 smoke  0513 facade  05 stalls  2101 manhole  2102 street_lamp  2103 traffic_sign  2104 place  2105 bins
2106 rubbish  2107 fallen_tree  2108 facility  2109 facility  2110 traffic_sign  2111 bicycles  2112 parking
2113 spoil  2114 cables  2115 traffic_sign  21 place  HZ01 fire_passage  HZ02 stairwell_clutter
HZ03 ebike_stairwell  HZ04 fire_equipment  HZ05 facade  HZ06 facade  HZ07 facade  HZ09 cables  HZ11 site
HZ14 fire_equipment  HZ15 flooding  HZ16 smoke  HZ17 dirty_water  HZ18 pothole  HZ place  LV11 water_leak
LV12 street_lamp  LV16 flooding  LV21 rubbish  LV23 roof_leak  LV24 facade  LV25 parking  LV26 roof_leak
LV33 parking  LV34 pothole  LV35 parking  LV94 pothole  EN01 smoke  EN02 smoke  EN03 dirty_water  EN07 rubbish
EN11 site  EN12 rubbish  EN13 dirty_water  EN place  PH10 flooding  PH11 fallen_tree  PH12 smoke  PH06 water_leak
PH01 stalls  PH place  PS10 stairwell_clutter  PS place  DP meeting  LV meeting  PC meeting
"""
_WORDS = _TABLE.split()
THEME_OF_CODE: dict[str, str] = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
THEMES = frozenset(THEME_OF_CODE.values())


def theme_of(category: str) -> str:
    """The theme of a category code, a theme word itself, or ``place`` when nothing fits."""
    if category in THEMES:
        return category
    for length in range(len(category), 0, -1):
        if category[:length] in THEME_OF_CODE:
            return THEME_OF_CODE[category[:length]]
    return "place"
