"""Drawn pictures: small, marked, the same place before and after."""

import csv
import io
from importlib.resources import files

import pytest
from PIL import Image, ImageChops

from wangge.demo import pictures


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("theme", sorted(pictures.SCENES))
def test_each_scene_shows_one_place_before_and_after(theme):
    both = [pictures.draw(theme, phase, seed=3) for phase in ("before", "after")]
    images = [opened(data) for data in both]
    for data, image in zip(both, images, strict=True):
        assert image.format == "JPEG"
        assert image.size == (1024, 768)
        assert 8_000 < len(data) <= 60_000
    assert both[0] != both[1]
    sky = (0, 0, 100, 60)
    difference = ImageChops.difference(*(image.convert("L").crop(sky).reduce(10) for image in images))
    assert max(difference.tobytes()) < 60, "the same surroundings"


def test_every_picture_says_that_it_is_a_drawing():
    for theme in ("manhole", "street_lamp", "meeting"):
        label = opened(pictures.draw(theme, "before", 0)).convert("L").crop((830, 718, 1004, 752))
        darkest, brightest = label.getextrema()
        assert brightest > 200
        assert darkest < 130


def test_the_same_seed_gives_the_same_picture_and_others_differ():
    assert pictures.draw("rubbish", "before", 1) == pictures.draw("rubbish", "before", 1)
    assert pictures.draw("rubbish", "before", 1) != pictures.draw("rubbish", "before", 2)
    assert pictures.draw("rubbish", "before", 1) is pictures.draw("rubbish", "before", 1 + pictures.VARIANTS)


def test_every_category_of_the_catalogue_has_a_scene():
    text = (files("wangge.catalog") / "data" / "categories.csv").read_text(encoding="utf-8")
    themes = {row["code"]: pictures.theme_of(row["code"]) for row in csv.DictReader(text.splitlines())}
    assert set(themes.values()) <= set(pictures.SCENES)
    assert themes["2101"] == "manhole"
    assert themes["2102"] == "street_lamp"
    assert themes["HZ03"] == "ebike_stairwell"
    assert themes["DP04"] == "meeting"
    assert pictures.theme_of("no such thing") == "place"
