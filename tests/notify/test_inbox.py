"""The inbox as people use it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from wangge.accounts.models import User
from wangge.kit.words import Text
from wangge.notify.actions import tell
from wangge.notify.models import Message
from wangge.notify.queries import n_unread

pytestmark = pytest.mark.django_db


@pytest.fixture
def li() -> User:
    return User.objects.create_user("li", display_name="李网格")


@pytest.fixture
def page(li: User) -> Client:
    client = Client()
    client.force_login(li, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def say(user: User, n: int = 1, **more: object) -> Message:
    given = {
        "subject": Text(f"新派案件,请签收:{n}", f"A new case to take: {n}"),
        "link": f"/office/cases/{n}/",
    } | more
    tell(users=[user.pk], topic="case.dispatch", once_key=f"case:{n}", **given)
    return Message.objects.get(once_key=f"case:{n}:inbox:{user.pk}")


def test_empty_says_why(page: Client) -> None:
    assert "还没有消息" in page.get("/inbox/").content.decode()


def test_read_and_go_where_it_points(page: Client, li: User) -> None:
    message = say(li, body=Text("路灯不亮", "A street lamp is out"))
    shown = page.get("/inbox/").content.decode()
    assert "新派案件" in shown
    assert "路灯不亮" in shown
    assert n_unread(li) == 1

    answer = page.post(f"/inbox/{message.pk}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/office/cases/1/")
    assert n_unread(li) == 0
    assert "没有未读消息" in page.get("/inbox/?unread=1").content.decode()


def test_only_my_own(page: Client, li: User) -> None:
    other = User.objects.create_user("wang")
    message = say(other)
    assert "新派案件" not in page.get("/inbox/").content.decode()
    assert page.post(f"/inbox/{message.pk}/open/").status_code == 404
    page.post("/inbox/read-all/")
    assert n_unread(other) == 1


def test_all_read_at_once(page: Client, li: User) -> None:
    for n in range(3):
        say(li, n)
    say(li, 9, not_before=datetime.now(UTC) + timedelta(hours=1))
    assert n_unread(li) == 3, "one whose time has not come is not there yet"
    assert page.post("/inbox/read-all/").status_code == 302
    assert n_unread(li) == 0
    assert Message.objects.filter(read_at=None).count() == 1


def test_pages(page: Client, li: User) -> None:
    for n in range(35):
        say(li, n)
    first = page.get("/inbox/")
    assert [item.once_key.split(":")[1] for item, _ in first.context["items"]] == [
        str(n) for n in range(34, 4, -1)
    ]
    second = page.get("/inbox/" + first.context["older_url"])
    assert [item.once_key.split(":")[1] for item, _ in second.context["items"]] == [
        str(n) for n in range(4, -1, -1)
    ]
    assert second.context["older_url"] == ""
    assert page.get("/inbox/?after=nonsense").status_code == 422


def test_what_was_written_is_never_markup(page: Client, li: User) -> None:
    say(li, subject=Text("<script>alert(1)</script>{x}", "<b>"), body=Text("{% x %}<img src=x>", "{y}"))
    shown = page.get("/inbox/").content.decode()
    assert "<script>alert" not in shown
    assert "<img src=x>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{x}" in shown


@pytest.mark.parametrize(
    "link", ["https://evil.example.org/", "//evil.example.org", "javascript:alert(1)", "", "office"]
)
def test_a_message_leads_nowhere_else(page: Client, li: User, link: str) -> None:
    message = say(li, link=link)
    assert page.post(f"/inbox/{message.pk}/open/")["Location"] == "/inbox/"


def test_english(page: Client, li: User) -> None:
    say(li)
    shown = page.get("/inbox/", headers={"accept-language": "en"}).content.decode()
    assert "A new case to take" in shown
    assert "Mark all as read" in shown


def test_strangers_are_sent_to_the_sign_in(li: User) -> None:
    message = say(li)
    for answer in (
        Client().get("/inbox/"),
        Client().post(f"/inbox/{message.pk}/open/"),
        Client().post("/inbox/read-all/"),
    ):
        assert answer["Location"].startswith("/sign-in/")
    assert n_unread(li) == 1


def test_three_queries_whatever_the_number(page: Client, li: User, django_assert_max_num_queries) -> None:
    for n in range(30):
        say(li, n)
    page.get("/inbox/")
    with django_assert_max_num_queries(9):
        page.get("/inbox/")
