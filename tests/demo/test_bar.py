"""The demo bar: on this machine only, while demo accounts exist; acting as people; the guided case by its buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.cast import Town
from tests.demo.demo_town import demo_town
from wangge.accounts.models import SignInKind, SignInRow, User
from wangge.cases.models import Case, Entry, Evidence, Rating
from wangge.demo.progress import note_progress
from wangge.territory.roles import Role

pytestmark = pytest.mark.django_db
ELSEWHERE = [
    {"REMOTE_ADDR": "192.0.2.7"},
    {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
    {"REMOTE_ADDR": ""},
]
DOORS = ["/demo/act-as/", "/demo/guide/start/", "/demo/guide/next/", "/demo/guide/do/", "/demo/guide/end/"]


@pytest.fixture
def demo(db: None) -> Iterator[Town]:
    with demo_town() as town:
        yield town


@pytest.fixture
def browser(demo: Town) -> Client:
    return Client()


def text_of(answer: object) -> str:
    return answer.content.decode()


def me(client: Client) -> str:
    user = client.get("/demo/").wsgi_request.user
    return user.username if user.is_authenticated else ""


def key_on(client: Client, address: str) -> str:
    return re.search(r'name="idempotency_key" value="([^"]+)"', text_of(client.get(address)))[1]


# --- who sees it ------------------------------------------------------------------------------------------


def test_it_stands_above_every_page(browser: Client) -> None:
    for address in ("/", "/sign-in/", "/report/", "/demo/"):
        assert 'class="demo-bar' in text_of(browser.get(address)), address
    browser.post("/demo/act-as/", {"username": "grid_worker"})
    for address in ("/field/", "/field/report/", "/me/", "/inbox/"):
        assert 'class="demo-bar' in text_of(browser.get(address)), address
    browser.post("/demo/act-as/", {"username": "dispatcher"})
    assert 'class="demo-bar' in text_of(browser.get("/office/"))


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_elsewhere_sees_or_uses_it(demo: Town, elsewhere: dict[str, str]) -> None:
    stranger = Client(**elsewhere)
    assert "demo-bar" not in text_of(stranger.get("/"))
    assert stranger.get("/demo/").status_code == 403
    for door in DOORS:
        assert stranger.post(door, {"username": "dispatcher"}).status_code == 403
    assert stranger.get("/demo/guide/finish/").status_code == 403
    assert not SignInRow.objects.filter(kind=SignInKind.ACTED_AS).exists()


def test_a_session_of_the_bar_does_not_work_elsewhere(browser: Client) -> None:
    browser.post("/demo/act-as/", {"username": "dispatcher"})
    assert browser.get("/office/").status_code == 200
    answer = browser.get("/office/", REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")


def test_without_demo_accounts_there_is_none(browser: Client) -> None:
    User.objects.update(is_demo=False)
    assert "demo-bar" not in text_of(browser.get("/"))
    assert browser.get("/demo/").status_code == 403
    for door in DOORS:
        assert browser.post(door, {"username": "dispatcher"}).status_code == 403


def test_real_people_cannot_be_acted_as(browser: Client) -> None:
    User.objects.filter(username="dispatcher").update(is_demo=False)
    assert browser.post("/demo/act-as/", {"username": "dispatcher"}).status_code == 404
    assert me(browser) == ""


def test_an_installation_without_a_demo_pays_no_query(db: None, django_assert_num_queries) -> None:
    client = Client()
    client.get("/sign-in/")
    with django_assert_num_queries(0):
        client.get("/help/")


# --- acting as --------------------------------------------------------------------------------------------


def test_eight_people_and_the_resident(browser: Client) -> None:
    answer = browser.get("/demo/")
    people = answer.context["people"]
    assert [person.role for person in people] == [
        Role.INTAKE_CLERK, Role.DISPATCHER, Role.GRID_WORKER, Role.HEAD_OF_UNIT, Role.DEPARTMENT_HANDLER, Role.CHECKER,
        Role.SHIFT_LEADER, Role.STREET_LEADER,
    ]  # fmt: skip
    assert [p.place.zh for p in people if p.role in (Role.HEAD_OF_UNIT, Role.DEPARTMENT_HANDLER)] == [
        "望海县市政工程处"
    ] * 2
    for person in people:
        home = browser.post("/demo/act-as/", {"username": person.username}).url
        assert home == ("/field/" if person.role is Role.GRID_WORKER else "/office/")
        assert me(browser) == person.username
        assert browser.get(home).status_code == 200
        assert person.name in text_of(browser.get("/demo/"))
    assert browser.post("/demo/act-as/", {"username": ""}).url == "/"
    assert me(browser) == ""
    assert SignInRow.objects.filter(kind=SignInKind.ACTED_AS).count() == 8


def test_how_far_the_history_is(browser: Client) -> None:
    assert "历史" not in text_of(browser.get("/"))
    note_progress(40, 2500)
    assert "历史 40/2500" in text_of(browser.get("/"))
    note_progress(2500, 2500)
    assert "历史 " not in text_of(browser.get("/help/")), "a bar that is full is taken away"
    assert "2500" in text_of(browser.get("/demo/"))


def test_english(browser: Client) -> None:
    page = text_of(browser.get("/demo/", headers={"accept-language": "en"}))
    assert "Act as whom?" in page
    assert "Guided case" in page
    assert "换成" not in page


# --- the guided case --------------------------------------------------------------------------------------


def step(client: Client) -> str:
    place = client.get("/demo/").context["place"]
    return place.turn.key if place and place.turn else ""


def test_seven_steps_by_the_button(browser: Client) -> None:
    """Do it for me, nine turns in seven steps, with one dissatisfied turn."""
    assert browser.post("/demo/guide/start/").url == "/report/"
    seen = []
    for _ in range(9):
        seen.append(step(browser))
        answer = browser.post("/demo/guide/do/", follow=True)
        assert answer.status_code == 200, text_of(answer)[:800]
        assert 'class="notice error"' not in text_of(answer), text_of(answer)
    assert seen == [
        "report",
        "accept",
        "dispatch",
        "handle",
        "check",
        "refuse",
        "rework",
        "recheck",
        "satisfied",
    ]
    case = Case.objects.get()
    assert (case.state, case.close_type, case.n_rework) == ("closed", "solved", 1)
    assert case.lead_unit.code == "works", "the first of the proposals"
    assert list(Rating.objects.order_by("id").values_list("result", flat=True)) == ["not_solved", "solved"]
    entries = Entry.objects.filter(case=case).order_by("seq")
    assert [entry.verb for entry in entries] == [
        "report", "accept", "docket", "dispatch", "take", "report_result", "check_passed", "rate", "report_result",
        "check_passed", "rate",
    ]  # fmt: skip
    assert Evidence.objects.filter(case=case, is_drawing=True).count() == 3
    done = browser.get("/demo/guide/finish/")
    assert "居民满意,才结案" in text_of(done)
    assert len(done.context["entries"]) == 11
    browser.post("/demo/guide/end/")
    assert browser.get("/demo/").context["place"] is None


def test_the_next_person_and_the_right_page(browser: Client) -> None:
    """Next person signs in as whose turn it is and opens that very case; the resident gets the code's page."""
    browser.post("/demo/guide/start/")
    wanted = [
        "",
        "intake_clerk",
        "dispatcher",
        "works_handler",
        "checker",
        "",
        "works_handler",
        "checker",
        "",
    ]
    for n, username in enumerate(wanted):
        page = browser.post("/demo/guide/next/").url
        assert me(browser) == username
        case = Case.objects.first()
        assert page.startswith(
            "/report/" if n == 0 else "/follow/" if not username else f"/office/cases/{case.number}/"
        )
        shown = browser.get(page)
        assert shown.status_code == 200
        assert "换成这个人" not in text_of(shown), "whoever is here already sees what to do"
        browser.post("/demo/guide/do/")
    assert Case.objects.get().state == "closed"
    assert browser.post("/demo/guide/next/").url == "/demo/guide/finish/"


def test_by_hand_on_the_residents_pages(browser: Client) -> None:
    """The report lies filled in; sent by hand it is known again by its drawing, and its code by its page."""
    browser.post("/demo/guide/start/")
    page = text_of(browser.get("/report/"))
    assert "长江路1号" in page
    assert (
        browser.post("/report/", {"text": "长江路1号门前有个大坑", "kind": "problem", "go": "next"}).url
        == "/report/where/"
    )
    assert browser.post("/report/where/", {"address": "长江路1号", "go": "next"}).url == "/report/you/"
    given = {
        "who": "contact",
        "name": "方小满",
        "phone": "10000000000",
        "go": "send",
        "idempotency_key": key_on(browser, "/report/you/"),
    }
    follow = browser.post("/report/you/", given).url
    case = Case.objects.get()
    assert "2/7" in text_of(browser.get(follow))
    assert browser.post("/demo/guide/next/").url == f"/office/cases/{case.number}/"
    assert me(browser) == "intake_clerk"
    for _ in range(4):
        browser.post("/demo/guide/do/")
    assert step(browser) == "refuse"
    assert browser.post("/demo/guide/next/").url == follow.split("?")[0], "the code was seen on the page"
    given = {
        "service": "fair",
        "result": "not_solved",
        "why": "incomplete",
        "note": "",
        "idempotency_key": "k",
    }
    assert browser.post(f"{follow.split('?')[0]}rate/", given).status_code == 302
    assert step(browser) == "rework"


def test_a_case_that_left_the_way_is_said(browser: Client, demo: Town) -> None:
    browser.post("/demo/guide/start/")
    browser.post("/demo/guide/do/")
    Case.objects.update(state="parked")
    assert "离开了引导" in text_of(browser.get("/demo/"))
    assert browser.post("/demo/guide/do/", follow=True).status_code == 200
    assert browser.post("/demo/guide/start/").url == "/report/"
    assert step(browser) == "report"


def test_the_drawn_after_picture(browser: Client) -> None:
    browser.post("/demo/guide/start/")
    answer = browser.get("/demo/guide/after.jpg")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer.content[:2] == b"\xff\xd8"
