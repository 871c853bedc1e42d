"""Orders from files: looked at first, brought in once, bad rows listed; outcomes by their original numbers."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from tests.cast import Town
from tests.office.browser import Seat
from wangge.cases.models import Case
from wangge.office.models import Disclosure

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.office.urls")]

GOOD = "工单编号,主题,内容,时间,电话,地址\n"
ROWS = (
    "A1,路灯不亮,门口路灯三天没亮 13812341234,2026-11-15 10:00,13812341234,长江路3号\n"
    "A2,垃圾,垃圾没人收,2026-11-15 11:00,13900001111,海边\n"
    "A2,垃圾,又是同一个编号,2026-11-15 11:00,,\n"
    "A3,时间不对,内容,昨天下午,,\n"
    ",没有编号,内容,,,\n"
    "\n"
)


def upload(text: str, name: str = "orders.csv", encoding: str = "utf-8") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(encoding), content_type="text/csv")


def previewed(seat: Seat, file: SimpleUploadedFile, system: str = "12345热线") -> Seat:
    seat.open("/office/import/")
    return seat.send_form("/office/import/", seat.form("")[1], file=[file], system=system)


def test_look_first_then_bring_in_and_never_twice(town: Town, sit_down) -> None:
    clerk = previewed(sit_down("intake_clerk"), upload(GOOD + ROWS))

    assert Case.objects.count() == 0
    assert "路灯不亮" in clerk.html
    assert "13812341234" not in clerk.html
    assert "在文件里重复" in clerk.html
    assert "看不懂" in clerk.html
    assert re.search(r"<b>2</b>将登记", clerk.html)

    clerk.send("/run/")
    assert "已处理 2 / 2 条" in clerk.html
    assert re.search(r"<b>2</b>新登记", clerk.html)
    assert sorted(Case.objects.values_list("origin_number", flat=True)) == ["A1", "A2"]
    assert {case.origin for case in Case.objects.all()} == {"12345热线"}

    again = previewed(clerk, upload(GOOD + ROWS + "A9,新的,新的一件,2026-11-15 12:00,,海边\n", "other.csv"))
    assert re.search(r"<b>2</b>已登记过", again.html)
    again.send("/run/")
    assert Case.objects.count() == 3


def test_bad_rows_can_be_taken_away(town: Town, sit_down) -> None:
    clerk = previewed(sit_down("intake_clerk"), upload(GOOD + ROWS, encoding="gb18030"))
    link = re.search(r'href="([^"]+bad\.csv[^"]*)"', clerk.html)[1].replace("&amp;", "&")
    listed = clerk.client.get(link).getvalue().decode("utf-8-sig").splitlines()

    assert len(listed) == 1 + 4 + 1
    assert any("A2" in line and "doubled" in line for line in listed)


def test_columns_can_be_named(town: Town, sit_down) -> None:
    clerk = previewed(sit_down("intake_clerk"), upload("单号码,说的话\nX1,路灯不亮\n"))
    assert clerk.status == 422
    assert "找不到编号列" in clerk.html

    address = clerk.address.split("?")[0]
    clerk.open(f"{address}?system=s&map-number=单号码&map-text=说的话")
    clerk.send("/run/")
    assert Case.objects.get().origin_number == "X1"


def test_what_is_no_table_is_refused_in_words(town: Town, sit_down) -> None:
    clerk = previewed(sit_down("intake_clerk"), upload(""))
    assert clerk.status == 422
    broken = SimpleUploadedFile("orders.xlsx", b"PK\x03\x04 broken")
    assert previewed(clerk, broken).status == 422
    assert "XLSX" in clerk.html


def test_only_intake_and_only_the_own_file(town: Town, sit_down) -> None:
    clerk = previewed(sit_down("intake_clerk"), upload(GOOD + ROWS))
    address = clerk.address

    assert sit_down("dispatcher").open(address).status == 404
    assert sit_down("works_handler").open("/office/import/").status == 403
    assert sit_down("intake_clerk").open("/office/import/../../etc/").status == 404
    assert sit_down("intake_clerk").open(f"/office/import/{'0' * 64}/").status == 404


def test_outcomes_come_back_by_the_original_number(town: Town, sit_down) -> None:
    clerk = previewed(sit_down("intake_clerk"), upload(GOOD + ROWS))
    clerk.send("/run/")
    clerk.open("/office/import/")
    assert "12345热线" in clerk.html

    answer = clerk.client.get("/office/outcomes/", {"origin": "12345热线"})
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))

    assert rows[0][:3] == ("原编号", "案件编号", "状态")
    assert [row[0] for row in rows[1:3]] == ["A1", "A2"]
    assert rows[1][2] == "已上报"
    assert Disclosure.objects.get().kind == "outcomes"
    assert sit_down("other_clerk").client.get("/office/outcomes/", {"origin": "12345热线"}).status_code == 404
