"""Values planted through every door of real processes are found nowhere in clear: data folder, tables, logs, backup."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cast import PASSWORD
from tests.kit.installation import HERE, Installation, new_installation
from tests.portal.browser import Page

# a name, a number in several writings, words that only people on the case may read: stored sealed or not at all
SECRET = {
    "name": "欧阳探针甲", "name by page": "诸葛探针乙", "name of a draft": "司马探针丙", "name in a file": "上官探针丁",
    "phone": "19912345678", "phone written": "199-8765-4321", "phone of a draft": "19955554444", "phone in a file": "19933332222",
    "refused phone": "1991234567x9", "supplement": "我住海棠苑七零二找探针阿姨", "urge": "探针说今天必须来",
    "contact": "探针在电话里说丈夫姓欧阳",
    "private in a failure": "探针写到一半服务器坏了", "words of a rating": "探针不满意",
}  # fmt: skip
# typed into the words of a report: those are stored as they are (see privacy.md), and shown and logged masked
TYPED = "18800001111"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{6}")


OPEN: list[httpx.Client] = []


class Someone:
    """A browser, or a program with a token, at the running installation."""

    def __init__(self, port: int, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers=headers,
            follow_redirects=True,
            timeout=60,
            trust_env=False,
        )
        self.last: httpx.Response | None = None
        OPEN.append(self.http)

    def open(self, path: str) -> httpx.Response:
        self.last = self.http.get(path)
        return self.last

    def send(
        self, form: int = -1, files: dict[str, tuple[str, bytes]] | None = None, **given: str
    ) -> httpx.Response:
        """Send a form of the last page, the last one unless another is meant."""
        assert self.last is not None
        found = Page(self.last.text).forms[form]
        address = found["action"] or str(self.last.url.copy_with(query=None))
        self.last = self.http.post(address, data={**found["fields"], **given}, files=files)
        return self.last


class Logged(Installation):
    """Whatever its server says at level DEBUG goes to a file (a pipe that nobody reads would fill and stop it)."""

    @property
    def log(self) -> Path:
        return self.data.parent / "serve.log"

    def start(self, *words: str | Path, **more: str) -> subprocess.Popen[str]:
        if words[0] != "serve":
            return super().start(*words, **more)
        with self.log.open("w") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "wangge", *map(str, words)], cwd=HERE, env=self.environment | {"WANGGE_LOG": "DEBUG"},
                text=True, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip


@pytest.fixture(scope="module")
def installation() -> Iterator[Logged]:
    with new_installation() as made:
        yield Logged(made.data)
    for client in OPEN:
        client.close()


class Beside:
    """A process of its own beside the server, because starting one takes seconds."""

    def __init__(self, installation: Installation) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.scope.town_of_its_own"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=installation.environment | {"PYTHONPATH": str(HERE)},
        )  # fmt: skip

    def __call__(self, *words: str | Path) -> bytes:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(" ".join(map(str, words)).encode() + b"\n")
        self.process.stdin.flush()
        length = self.process.stdout.read(8)
        assert len(length) == 8, "it ended; see its error output"
        return self.process.stdout.read(int.from_bytes(length))

    def end(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0


@pytest.fixture
def beside(installation: Logged) -> Iterator[Beside]:
    made = Beside(installation)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.communicate()


def by_api(port: int, token: str) -> list[str]:
    """Reports, refusals, a look at the reporter; returns the codes that were given out."""
    resident, clerk = Someone(port).http, Someone(port, token).http
    report = {
        "text": f"井盖没有了,我的电话{TYPED}",
        "address": "长江路 1 号",
        "lon": 120.105,
        "lat": 35.905,
        "name": SECRET["name"],
        "phone": SECRET["phone"],
    }
    made = resident.post("/api/cases", json=report, headers={"Idempotency-Key": "a-key-of-this-very-report"})
    assert made.status_code == 201, made.text
    code, number = made.json()["code"], made.json()["number"]
    assert (
        resident.post(
            "/api/cases", json=report, headers={"Idempotency-Key": "a-key-of-this-very-report"}
        ).json()["code"]
        == code
    )
    assert resident.post("/api/cases", json=report | {"phone": SECRET["refused phone"]}).status_code == 422
    assert resident.post("/api/cases", json=report | {"name": SECRET["name"] * 30}).status_code == 422
    assert resident.post("/api/cases", content=f'{{"phone": "{SECRET["phone"]}"').status_code in (415, 422)
    follow = f"/api/follow/{code}"
    for verb, words in (("supplement", {"words": SECRET["supplement"]}), ("urge", {"words": SECRET["urge"]})):
        assert resident.post(f"{follow}/{verb}", json=words).status_code == 200
    rating = {"service": "fair", "result": "partly", "why": "manners", "note": SECRET["words of a rating"]}
    assert resident.post(f"{follow}/rate", json=rating).status_code == 409
    assert resident.get(f"/api/follow/{code[:-1]}0").status_code in (200, 404)
    assert resident.get(f"{follow}/nowhere").status_code in (401, 404)
    assert (
        clerk.post(
            f"/api/cases/{number}/contact", json={"outcome": "reached", "summary": SECRET["contact"]}
        ).status_code
        == 200
    )
    shown = clerk.post(f"/api/cases/{number}/reveal", json={"purpose": "回访"})
    assert shown.json()["phone"] == SECRET["phone"]
    assert TYPED not in clerk.get("/api/cases").text
    return [code, number]


def by_pages(port: int) -> list[str]:
    """A report sent, a draft left lying, a form that fails, a code in addresses that are refused."""
    browser = Someone(port)
    for name, phone, is_sent in (
        ("name by page", "phone written", True),
        ("name of a draft", "phone of a draft", False),
    ):
        browser.open("/report/")
        browser.send(text=f"路灯坏了,打{TYPED}", go="next")
        browser.send(address="长江路 2 号", go="next")
        assert "/report/you/" in str(browser.last and browser.last.url)
        browser.send(name=SECRET[name], phone=SECRET[phone], go="send" if is_sent else "back")
        if is_sent:
            code = str(browser.last and browser.last.url).split("/")[4]
    for path in ("rate/", "reopen/", "nowhere/", "photo/00000000-0000-4000-8000-000000000000/"):
        assert browser.open(f"/follow/{code}/{path}").status_code in (404, 409)
    browser.open(f"/follow/{code}/supplement/")
    assert browser.send(words="").status_code == 422
    return [code]


def by_office(port: int) -> None:
    """Signed in: a search by telephone, a file of orders looked at, a search for a name."""
    clerk = Someone(port)
    clerk.open("/sign-in/")
    answer = clerk.send(login="intake_clerk", password=PASSWORD)
    assert "/office/" in str(answer.url), answer.text[:2000]
    csrf = clerk.http.cookies["csrftoken"]
    found = clerk.http.post(
        "/office/cases/by-phone/", data={"phone": SECRET["phone"], "csrfmiddlewaretoken": csrf}
    )
    assert found.status_code == 200
    assert SECRET["phone"] not in found.text
    orders = (
        f"编号,内容,姓名,电话\nP-1,楼下垃圾没人收,{SECRET['name in a file']},{SECRET['phone in a file']}\n"
    )
    clerk.open("/office/import/")
    seen = clerk.http.post(
        "/office/import/",
        data={"csrfmiddlewaretoken": csrf, "system": "探测"},
        files={"file": ("orders.csv", orders.encode())},
    )
    assert "P-1" in seen.text, seen.text[:2000]
    assert clerk.open("/office/cases/?q=" + SECRET["name"]).status_code == 200


def places(installation: Logged) -> Iterator[tuple[str, bytes]]:
    """Everything that is kept anywhere, by its name."""
    yield "log", installation.log.read_bytes()
    for path in sorted(installation.data.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(installation.data)), path.read_bytes()


def writings(value: str) -> list[bytes]:
    digits = re.sub(r"\D", "", value)
    found = {value}
    if len(digits) == 11:
        found |= {
            digits,
            f"{digits[:3]} {digits[3:7]} {digits[7:]}",
            f"{digits[:3]}-{digits[3:7]}-{digits[7:]}",
        }
    return [one.encode() for one in found]


def test_nothing_planted_is_found_in_clear(installation: Logged, beside: Beside) -> None:
    backup = installation.data.parent / "town.backup"
    token = beside("build").decode().split()[-1]
    with installation.serving() as serving:
        codes = by_api(serving.port, token) + by_pages(serving.port)
        by_office(serving.port)
        beside("break")
        failed = Someone(serving.port).http.post(
            f"/api/follow/{codes[0]}/supplement", json={"words": SECRET["private in a failure"]}
        )
        page = Someone(serving.port)
        page.open(f"/follow/{codes[0]}/supplement/")
        also = page.send(words=SECRET["private in a failure"])
        beside("mend")
        assert failed.status_code == also.status_code == 500
        for answer in (failed, also):
            assert SECRET["private in a failure"] not in answer.text.replace(page.http.base_url.host, "")
            assert "Traceback" not in answer.text
        tables = beside("dump")
        assert installation.run("backup", backup).returncode == 0
        in_backup = beside("restored", backup)
        beside.end()
        serving.stop(signal.SIGTERM)

    everywhere = {
        **dict(places(installation)),
        "tables": tables,
        "backup": in_backup,
        "file": backup.read_bytes(),
    }
    hidden = {**SECRET, **{f"code {n}": one for n, one in enumerate(codes) if CODE.fullmatch(one)}}
    found = [
        f"{what} in {place}" for what, value in hidden.items() for place, content in everywhere.items()
        for one in writings(value) if one in content
    ]  # fmt: skip
    assert not found, "\n".join(found)
    assert TYPED.encode() not in everywhere["log"]
    assert TYPED.encode() in tables, "the words of a report are stored as they were typed; privacy.md says so"
    lines = [line for line in tables.decode(errors="replace").splitlines() if TYPED in line]
    assert all("cases_case " in line for line in lines), [line[:200] for line in lines]
    assert b"GET /follow/" not in everywhere["log"]
