"""The departments of the county, the sections of the street, community committees, police offices, partners."""

from __future__ import annotations

import csv
from importlib.resources import files

from wangge.demo.town import names
from wangge.demo.town.model import Area, Town, Unit

# Kinds of unit that the county has; each is a code of the catalogue's list of unit kinds.
COUNTY_KINDS = (
    "governance_centre urban_management housing natural_resources transport traffic_police public_security "
    "emergency fire market environment water drainage power water_company gas heating education health "
    "medical_insurance civil_affairs human_resources veterans disabled_federation women_federation sanitation "
    "parks municipal_works agriculture marine forestry judicial mediation culture_tourism industry "
    "service_hall provident_fund letters_visits discipline telecom postal bus_company development_reform finance"
)
STREET_KINDS = (
    "street_office command_centre section_urban section_livelihood section_emergency section_property "
    "section_construction section_party section_rural section_service street_enforcement police_station "
    "judicial_office market_office health_centre traffic_squad fire_station"
)
N_PROPERTY_COMPANIES = 10


def kind_names() -> dict[str, tuple[str, str]]:
    """The Chinese and English name of each kind of unit, from the catalogue's dictionary."""
    text = (files("wangge.catalog") / "data" / "unit_kinds.csv").read_text(encoding="utf-8")
    return {row["code"]: (row["name_zh"], row["name_en"]) for row in csv.DictReader(text.splitlines())}


def make_units(town: Town) -> list[Unit]:
    """All units, parents before children. Telephone numbers are not real ones."""
    kinds = kind_names()
    county, street = names.COUNTY[0], names.STREET[0]
    centre = f"{county}-governance_centre"
    rows: list[Unit] = []
    for kind in COUNTY_KINDS.split():
        zh, en = kinds[kind]
        parent = None if kind == "governance_centre" else centre
        rows.append(Unit(f"{county}-{kind}", kind, "county", names.COUNTY[1] + zh, en, parent, county))
    office = f"{street}-street_office"
    for kind in STREET_KINDS.split():
        zh, en = kinds[kind]
        parent = centre if kind == "street_office" else office
        name = names.STREET[1] + zh.removeprefix("街道")
        rows.append(Unit(f"{street}-{kind}", kind, "street", name, en, parent, street))
    rows += _police_offices(street)
    rows += _community_units(town.at_level("community"), office)
    for number, row in enumerate(rows, start=1):
        row.phone = f"0000-{number:04d}"
    return rows


def _police_offices(street: str) -> list[Unit]:
    return [
        Unit(
            f"{street}-police-{place}", "police_station", "community", f"{name}警务室",
            f"Police office {place}", f"{street}-police_station", street,
        )
        for place, name in enumerate(names.POLICE_OFFICES, start=1)
    ]  # fmt: skip


def _community_units(communities: list[Area], office: str) -> list[Unit]:
    rows = []
    for area in communities:
        name, en = f"{area.name_zh}居民委员会", f"{area.name_en} committee"
        rows.append(Unit(f"{area.code}-community", "community", "community", name, en, office, area.code))
    largest = sorted(communities, key=lambda area: (-area.n_households, area.code))[:N_PROPERTY_COMPANIES]
    for area in largest:
        short = area.name_zh.removesuffix("社区")
        zh, en = (
            f"{short}物业服务有限公司",
            f"{(area.name_en or '').removesuffix(' community')} Property Services",
        )
        parent = f"{area.code}-community"
        rows.append(
            Unit(
                f"{area.code}-property",
                "property_company",
                "community",
                zh,
                en,
                parent,
                area.code,
                is_partner=True,
            )
        )
    return rows
