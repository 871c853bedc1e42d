"""Orders from files: what is usable waits in the queue, what is not is listed, nothing is registered twice."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from wangge.cases.models import Case
from wangge.cases.orders.bring_in import bring_in, origin_of
from wangge.cases.orders.commands import outcomes_sheet
from wangge.cases.orders.reading import moment, read_content, read_file
from wangge.kit.errors import Invalid
from wangge.territory.scope import PLATFORM

EXAMPLES = Path(__file__).parents[2] / "examples"


def sheet(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_real_looking_messages_are_read_in_utf8_and_gb18030():
    whole = read_file(EXAMPLES / "messages.csv")
    assert (len(whole.orders), whole.bad) == (300, [])
    chinese = read_file(EXAMPLES / "messages_gb18030.csv")
    assert (len(chinese.orders), chinese.bad) == (40, [])
    assert {order.text for order in chinese.orders} <= {order.text for order in whole.orders}


def test_bad_rows_are_listed_with_reasons_and_stop_nothing():
    reading = read_file(EXAMPLES / "bad.csv")
    reasons = {row.number: row.reason.zh for row in reading.bad}
    assert reasons["B002"] == "没有内容"
    assert "内容超过" in reasons["B003"]
    assert "看不懂" in reasons["B004"]
    assert reasons["B007"] == "文字编码损坏"
    assert "重复" in reasons["B008"]
    assert reasons["B010"] == "列数多于表头"
    assert reading.n_read == len(reading.orders) + len(reading.bad)
    assert len(reading.orders) >= 7


@pytest.mark.parametrize(
    "content",
    [b"", b"   \n", b"PK\x03\x04 no zip", b"a,b\n1,2\n", "编号\n1\n".encode()],
    ids=["empty", "blank", "zip", "names", "words"],
)
def test_what_is_no_table_of_orders_is_refused_with_a_sentence(content):
    with pytest.raises(Invalid) as caught:
        read_content(content)
    assert caught.value.zh
    assert caught.value.en


def test_columns_by_name_or_by_map_and_times_as_systems_write_them():
    content = sheet(["Nr", "What", "When"], ["7", "路灯不亮", "04/12/2018 11:11:26 AM"])
    order = read_content(content, {"number": "nr", "text": "what", "at": "when"}).orders[0]
    assert (order.number, order.text, order.at.isoformat()) == ("7", "路灯不亮", "2018-04-12T11:11:26+08:00")
    with pytest.raises(Invalid):
        read_content(content, {"number": "no such column"})
    with pytest.raises(Invalid):
        read_content(content, {"colour": "what"})
    assert moment("2019年4月3日").month == 4


def test_orders_wait_in_the_real_queue_once_and_outcomes_go_back(town):
    content = sheet(
        ["编号", "标题", "内容", "地址", "经度", "纬度"],
        ["G-1", "路灯", "三盏路灯不亮", "长江路1号", 120.105, 35.905],
        ["G-2", "垃圾", "垃圾没人收", "", "", ""],
        ["G-3", "外地", "路上有坑", "", 10.0, 50.0],
        ["G-1", "路灯", "又报一次", "", "", ""],
    )
    reading = read_content(content)
    first = bring_in(reading, actor=PLATFORM.at(town.clock), system="12345")
    assert (first.read, first.new, first.known, len(first.bad)) == (4, 3, 0, 1)
    again = bring_in(reading, actor=PLATFORM.at(town.clock), system="12345")
    assert (again.new, again.known, len(again.bad)) == (0, 3, 1)
    lamp, rubbish, _ = Case.objects.filter(origin="12345").order_by("origin_number")
    assert (lamp.state, lamp.area, lamp.category.code) == ("reported", town.areas["grid_1"], "2102")
    assert rubbish.area == town.areas["county"]
    back = load_workbook(BytesIO(outcomes_sheet("12345", "test"))).active
    assert [row[0].value for row in list(back.rows)[1:4]] == ["G-1", "G-2", "G-3"]


def test_a_file_is_known_by_its_content_not_by_its_name():
    reading = read_file(EXAMPLES / "messages.csv")
    assert origin_of(reading) == f"file:{reading.sha256[:24]}:message_id"
