"""``make sbom``: dist/sbom.json, what the program is made of with licences (CycloneDX 1.6, JSON).

    python tools/sbom.py [FILE]

Fails, and writes nothing, when a licence is unknown or not allowed (tools/licences.toml).
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from licences import ROOT, Part, faults, installed, parts, works_inside
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wangge.kit.program import version


def bill() -> Bom:
    """The program, every package that is installed for it here, and what these carry inside."""
    bom = Bom()
    root = Component(name="wangge", type=ComponentType.APPLICATION, version=version(), bom_ref="wangge")
    root.licenses.add(LicenseFactory().make_from_string("Apache-2.0"))
    root.components.update(work(part, "wangge") for part in works_inside("wangge"))
    bom.metadata.component = root
    here = {part.name: package(part) for part in parts() if part.version}
    bom.components.update(here.values())
    bom.register_dependency(root, needed("wangge", here))
    for name, component in here.items():
        bom.register_dependency(component, needed(name, here))
    seen = " ".join(sorted(f"{c.name}=={c.version}" for c in bom.components))
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"wangge {version()} {seen}")
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    bom.metadata.timestamp = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return bom


def package(part: Part) -> Component:
    purl = PackageURL("pypi", name=part.name, version=part.version)
    made = Component(name=part.name, version=part.version, purl=purl, bom_ref=str(purl))
    made.licenses.add(LicenseFactory().make_from_string(part.licence))
    made.components.update(work(inner, part.name) for inner in part.inside)
    # lists that the package brings itself (PEP 770), for what is built into it
    made.properties.update(Property(name="wangge:own_list", value=name) for name in part.own_lists)
    return made


def work(part: Part, carrier: str) -> Component:
    made = Component(name=part.name, bom_ref=f"{carrier}#{part.name}")
    made.licenses.add(LicenseFactory().make_from_string(part.licence))
    return made


def needed(name: str, here: dict[str, Component]) -> Iterable[Component]:
    """What a package asks for itself, on this platform."""
    held = installed(name)
    for line in held.requires or [] if held else []:
        asked = Requirement(line)
        component = here.get(canonicalize_name(asked.name))
        if component is not None and (asked.marker is None or asked.marker.evaluate({"extra": ""})):
            yield component


def as_json(bom: Bom) -> str:
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)


def main() -> int:
    found = faults()
    if found:
        sys.stderr.write("许可有问题 · licences:\n" + "".join(f"  {fault}\n" for fault in found))
        return 1
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "sbom.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    bom = bill()
    file.write_text(as_json(bom) + "\n", encoding="utf-8")
    sys.stdout.write(f"{file}  {len(bom.components)} 个软件包 · packages\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
