"""从上报到满意结案 · From a resident's report to a satisfied closing, with one dissatisfied turn.

    WANGGE_CLERK=wg_… WANGGE_UNIT=wg_… WANGGE_CHECKER=wg_… python whole_loop.py

Three machine tokens: of a desk that accepts, dockets and dispatches (管区负责人 zone_manager or 区县调度员 county_dispatcher), of the
unit that handles, of the checker. WANGGE_LEAD is the unit's code, WANGGE_CATEGORY the category's.
"""

import os
import struct
import zlib

import httpx

WANGGE = os.environ.get("WANGGE", "http://127.0.0.1:8000")
LEAD = os.environ.get("WANGGE_LEAD", "works")
CATEGORY = os.environ.get("WANGGE_CATEGORY", "0110")


def caller(token: str = "") -> httpx.Client:
    """A client that raises on refusals and keeps its cookies (an anonymous visit owns its uploads)."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(
        base_url=f"{WANGGE}/api", headers=headers, event_hooks={"response": [explain]}, timeout=30
    )


def explain(response: httpx.Response) -> None:
    """A refusal says in two languages what happened and what to do."""
    if response.is_error:
        error = response.read() and response.json()["error"]
        raise SystemExit(f"{error['status']} {error['code']}: {error['zh']} / {error['en']}")


def picture(grey: int) -> bytes:
    """A small PNG without any library."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([grey]) * 64 for _ in range(48))
    header = struct.pack(">IIBBBBB", 64, 48, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def main() -> None:
    resident = caller()
    desk, unit, checker = (caller(os.environ[f"WANGGE_{name}"]) for name in ("CLERK", "UNIT", "CHECKER"))

    said = {
        "text": "长江路1号门口道路破损,有一个大坑",
        "lon": 120.105,
        "lat": 35.905,
        "phone": "13812341234",
        "name": "张三丰",
    }
    made = resident.post("/cases", json=said).json()
    case, own = f"/cases/{made['number']}", f"/follow/{made['code']}"
    print("上报 reported", made["number"], made["code"])

    desk.post(f"{case}/one_desk", json={"category": CATEGORY, "lead": LEAD, "advice": "请尽快修补"})
    print("派遣 dispatched:", resident.get(own).json()["sentence"]["zh"])

    unit.post(f"{case}/take")
    for grey, verdict in ((60, {"result": "not_solved", "why": "incomplete"}), (200, {"result": "solved"})):
        photo = unit.post("/files", files={"file": ("after.png", picture(grey), "image/png")}).json()["key"]
        unit.post(f"{case}/report_result", json={"result": "坑已填平,路面恢复", "photos_after": [photo]})
        checker.post(f"{case}/check_passed", json={"kind": "on_site"})
        now = resident.post(f"{own}/rate", json={"service": "satisfied", **verdict}).json()
        print("评价 rated", verdict["result"], "→", now["state"]["code"], now["sentence"]["zh"])

    for entry in reversed(desk.get(case).json()["timeline"]):
        print(
            f"{entry['seq']:>3} {entry['when']['zh']} {entry['verb']['name']['zh']} {entry['post']['zh']} {entry['actor']}"
        )


if __name__ == "__main__":
    main()
