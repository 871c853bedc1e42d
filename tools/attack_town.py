"""What tools/attack.sh needs of its town: tokens, a case with a code, the addresses to attack, wapiti's verdict.

``attack_town.py ADDRESS`` prints shell variables · ``--targets ADDRESS`` prints method, address and body for sqlmap, one
a line · ``--no-limits`` keeps the counters empty until it is ended ·
``--verdict FILE`` judges wapiti's report (exit code 1 when something was found).
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import django
import httpx
import psycopg

from wangge.kit.postgres import data_folder, lease

SEATS = {"CLERK": "intake_clerk", "DISPATCHER": "dispatcher", "LEADER": "street_leader"}
REPORT = {
    "text": "路口的井盖不见了,晚上很危险", "address": "长江路 12 号", "name": "测试", "phone": "13800000000",
}  # fmt: skip
# wapiti's notes that say nothing about a weakness
HARMLESS = {
    "Unencrypted Channels",  # https is the proxy's, in front of it
    "Secure Flag cookie",  # the town is attacked over http; with https they are set (tests/test_headers.py)
    "HTTP Methods",  # which methods a page takes
    "Review Webserver Metafiles for Information Leakage",
}


def token_of(role: str) -> str:
    """A machine that acts with the posts of one demo person of this role."""
    from wangge.accounts import tokens
    from wangge.accounts.models import User
    from wangge.kit.clock import REAL_CLOCK
    from wangge.territory.actions.posts import put_posts
    from wangge.territory.models import Post

    person = Post.objects.filter(role=role, user__is_demo=True).order_by("id").select_related("user").first()
    assert person is not None, role
    machine = User.objects.create_user(f"attack_{role}", display_name=f"attack {role}", is_machine=True)
    rows = [
        {"user": machine, "role": post.role, "area": post.area, "unit": post.unit, "specialty": post.specialty,
         "starts_on": post.starts_on}
        for post in Post.objects.filter(user=person.user)
    ]  # fmt: skip
    put_posts(rows, by="attack", at=REAL_CLOCK.now())
    return tokens.issue(machine, "attack", None)


def tokens_made() -> dict[str, str]:
    with lease(data_folder()) as server:
        os.environ |= {"DATABASE_URL": server.app_url, "DATABASE_OWNER_URL": server.owner_url}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.settings")
        django.setup()
        from django.db import connections

        made = {f"TOKEN_{name}": token_of(role) for name, role in SEATS.items()}
        from wangge.accounts.models import User

        User.objects.update(is_demo=False)  # a town as in earnest: no bar that signs anybody in
        connections.close_all()
        return made


def forget_limits() -> None:
    """As long as this runs nothing is too often: limits are tested elsewhere and would hide what lies behind them."""
    with lease(data_folder()) as server, psycopg.connect(server.owner_url, autocommit=True) as connection:
        while True:
            connection.execute("DELETE FROM kit_raterow")
            time.sleep(0.5)


def town(address: str) -> dict[str, str]:
    made = tokens_made()
    with httpx.Client(base_url=address, timeout=60) as client:
        reported = client.post("/api/cases", json=REPORT)
        assert reported.status_code == 201, reported.text
        told: dict[str, Any] = reported.json()
    return made | {"CODE": told["code"], "NUMBER": told["number"]}


def targets(address: str) -> list[tuple[str, str, str]]:
    """Method, address with ``*`` where it is attacked, body. Every parameter of the API's reading, the public forms."""
    code, number = os.environ["CODE"], os.environ["NUMBER"]
    document = httpx.get(f"{address}/api/openapi.json", timeout=60).json()
    found = [
        ("GET", f"{address}/follow/{code}*/", ""),
        ("GET", f"{address}/report/?text=1&again=1&step=1", ""),
        ("GET", f"{address}/sign-in/?next=/office/", ""),
        ("POST", f"{address}/follow/", f"code={code}"),
        ("POST", f"{address}/sign-in/", "login=x&password=y"),
        ("POST", f"{address}/api/cases", json.dumps({**REPORT, "category": "0102"})),
    ]
    for path, methods in document["paths"].items():
        operation = methods.get("get")
        if operation is None:
            continue
        filled = path.replace("{number}", f"{number}*").replace("{code}", f"{code}*")
        filled = filled.replace("{key}", "00000000-0000-4000-8000-000000000000*")
        query = "&".join(f"{p['name']}={example(p)}" for p in operation["parameters"] if p["in"] == "query")
        found.append(("GET", f"{address}{filled}" + (f"?{query}" if query else ""), ""))
    return found


def example(parameter: dict[str, Any]) -> str:
    """A value that the parameter takes."""
    shape = parameter["schema"]
    kinds = [shape, *shape.get("anyOf", [])]
    if any("enum" in kind for kind in kinds):
        return str(next(kind["enum"][0] for kind in kinds if "enum" in kind))
    types = {kind.get("type") for kind in kinds}
    return "1" if types & {"integer", "number", "boolean"} else "01"


def verdict(path: Path) -> int:
    """0 when wapiti found nothing but what has been judged harmless."""
    if not path.is_file():
        print("  wapiti: 没有跑完 · did not finish")
        return 1
    report = json.loads(path.read_text(encoding="utf-8"))
    found = {**report["vulnerabilities"], **report["anomalies"]}
    n_bad = 0
    for name, entries in found.items():
        for entry in entries:
            mark = "无害 harmless" if name in HARMLESS else "发现 FOUND"
            n_bad += name not in HARMLESS
            print(
                f"  wapiti {mark}: {name} · {entry['method']} {entry['path']} {entry['parameter']} · {entry['info'][:160]}"
            )
    pages = report["infos"].get("crawled_pages_nbr", "?")
    print(f"  wapiti: {pages} 个页面 · pages, {n_bad} 个发现 · findings")
    return 1 if n_bad or not isinstance(pages, int) or pages < 8 else 0


def main(words: list[str]) -> int:
    if words[0] == "--verdict":
        return verdict(Path(words[1]))
    if words[0] == "--no-limits":
        forget_limits()
    if words[0] == "--targets":
        for row in targets(words[1]):
            print("\t".join(row))
        return 0
    for name, value in town(words[0]).items():
        print(f"export {name}={value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
