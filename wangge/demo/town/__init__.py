"""The demo town: an invented subdistrict by the sea, drawn from a seed. Pure: no database, no Django."""

from wangge.demo.town.build import build
from wangge.demo.town.model import Area, Building, Feature, Person, Post, Road, Station, Town, Unit

__all__ = ["Area", "Building", "Feature", "Person", "Post", "Road", "Station", "Town", "Unit", "build"]
