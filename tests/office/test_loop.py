"""A case is carried by hand, page by page, from a resident's report to a satisfied closing; and what may go wrong."""

import io
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from tests.cases.steps import checked, docketed, handled, handling
from tests.cast import DAMAGED_ROAD, IN_OTHER_GRID, RUBBISH, Town
from tests.office.browser import Seat
from wangge.cases.actions import closing, handback, resident
from wangge.cases.models import Case, Entry, Evidence, RevealRow
from wangge.cases.queries import case_view, reporter_by_code, resident_actor

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.office.urls")]


def photo(name: str = "after.jpg", colour: str = "green") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def case_page(number: str) -> str:
    return f"/office/cases/{number}/"


def state(made) -> str:
    return Case.objects.get(pk=made.case.pk).state


def test_from_a_report_to_a_satisfied_closing_by_hand(town: Town, sit_down, morning) -> None:
    made = town.reported("门口道路破了一个大坑,电动车都过不去")
    page = case_page(made.case.number)
    clerk, dispatcher, unit, checker = (
        sit_down(n) for n in ("intake_clerk", "dispatcher", "works_handler", "checker")
    )

    clerk.open(page).send("/do/accept/")
    assert clerk.status == 200
    assert clerk.says("已办“受理”,此案现在是“已受理”")
    assert "文中提到" in clerk.html  # the five best categories with their words
    clerk.send("/do/docket/", category=DAMAGED_ROAD)
    assert state(made) == "docketed"

    dispatcher.open(page)
    assert "职责清单" in dispatcher.html
    dispatcher.send("/do/dispatch/", lead_other="望海县市政工程处", advice="请先围挡")
    assert state(made) == "dispatched"

    unit.open(page).send("/do/take/")
    morning.shift(timedelta(minutes=20))
    unit.open(page).send("/do/arrive/")
    address, fields = unit.form("/do/report_result/")
    unit.send_form(address, fields, result="坑已填平,路面恢复", measures="沥青修补", photos_after=[photo()])
    assert state(made) == "handled", unit.html
    assert Evidence.objects.get(case=made.case, role="after").file.kind == "photo"

    checker.open(page)
    assert "坑已填平" in checker.html
    assert 'src="/office/files/' in checker.html
    checker.send("/do/check_passed/", kind="on_site", note="现场已恢复")
    assert state(made) == "checked"
    checker.send("/do/follow_up/", service="satisfied", result="solved")
    assert state(made) == "closed"
    assert case_view(town.actor("checker"), made.case.number).line.state.code == "closed"
    assert [entry.verb for entry in Entry.objects.filter(case=made.case).order_by("seq")] == [
        "report", "accept", "docket", "dispatch", "take", "arrive", "report_result", "check_passed", "follow_up",
    ]  # fmt: skip


def test_one_desk_is_one_submission_and_three_entries(town: Town, sit_down) -> None:
    made = town.reported("门口道路破了一个大坑")
    desk = sit_down("zone_manager").open(case_page(made.case.number))

    assert 'data-key="1"' in desk.html
    again = desk.send_form(*desk.form("/one-desk/"), category_other=RUBBISH, refresh="1")
    assert "望海县环境卫生中心" in again.html
    desk.open(case_page(made.case.number)).send(
        "/one-desk/", category=DAMAGED_ROAD, lead="works", advice="尽快", tier="report_up"
    )

    assert state(made) == "dispatched"
    assert list(Entry.objects.filter(case=made.case).order_by("seq").values_list("verb", flat=True)) == [
        "report", "accept", "docket", "dispatch",
    ]  # fmt: skip


def test_two_at_once_one_wins_and_the_other_is_told(town: Town, sit_down) -> None:
    made = docketed(town)
    page = case_page(made.case.number)
    first, second = sit_down("dispatcher").open(page), sit_down("county_dispatcher").open(page)

    first.send("/do/dispatch/", lead="works")
    second.send("/do/dispatch/", lead="sanitation", advice="我写了很长的意见")

    assert second.status == 409
    assert second.says("卫派刚刚办了“派遣”")
    assert second.says("您刚才填写的内容")
    assert second.says("我写了很长的意见")
    assert Case.objects.get(pk=made.case.pk).lead_unit.code == "works"


def test_the_same_form_sent_twice_acts_once(town: Town, sit_down) -> None:
    made = docketed(town)
    dispatcher = sit_down("dispatcher").open(case_page(made.case.number))
    address, fields = dispatcher.form("/do/note/")

    one = dispatcher.send_form(address, fields, text="已电话提醒").address
    two = dispatcher.send_form(address, fields, text="已电话提醒").address

    assert one == two == case_page(made.case.number)
    assert Entry.objects.filter(case=made.case, verb="note").count() == 1


def test_what_is_not_allowed_is_grey_and_says_why(town: Town, sit_down) -> None:
    made = docketed(town)
    unit = sit_down("works_head")
    handling(town, made=None)
    page = case_page(made.case.number)
    checker = sit_down("checker").open(page)

    assert "/do/check_passed/" not in checker.html
    assert re.search(
        r'aria-disabled="true">派遣</span> <span class="why">“派遣”须由.*派遣员.*办理', checker.html
    )
    assert "其他状态下才能办的步骤" in checker.html
    answer = checker.client.post(f"{page}do/dispatch/", {"lead": "works"})
    assert answer.status_code == 403
    assert "须由" in answer.content.decode()
    assert state(made) == "docketed"
    assert unit.open(page).status in (200, 404)  # a head sees it only when the unit is proposed


def test_a_refusal_keeps_what_was_typed_and_the_uploads(town: Town, sit_down) -> None:
    made = handling(town)
    page = case_page(made.case.number)
    Case.objects.get(pk=made.case.pk)
    unit = sit_down("works_handler").open(page)
    address, fields = unit.form("/do/report_result/")

    unit.send_form(address, fields, result="写了很多字的结果", files=[photo("paper.jpg", "blue")])

    assert unit.status == 422
    assert unit.says("此类案件须有处置后照片")
    assert unit.says("写了很多字的结果")
    assert unit.says("已上传 1 个,不必再选")
    address, fields = unit.form("/do/report_result/")
    assert fields["files_kept"]
    unit.send_form(address, fields, photos_after=[photo()])
    assert state(made) == "handled"
    assert sorted(Evidence.objects.filter(case=made.case).values_list("role", flat=True)) == [
        "after",
        "document",
    ]


def test_undo_within_ten_seconds(town: Town, sit_down, morning) -> None:
    made = docketed(town)
    page = case_page(made.case.number)
    dispatcher = sit_down("dispatcher").open(page).send("/do/dispatch/", lead="works")

    assert "撤销" in dispatcher.html
    assert 'data-undo="' in dispatcher.html
    dispatcher.send("/do/undo/")
    assert state(made) == "docketed"
    dispatcher.open(page).send("/do/dispatch/", lead="works")
    morning.shift(11)
    assert 'data-undo="' not in dispatcher.open(page).html
    assert state(made) == "dispatched"


def test_a_name_is_shown_for_a_purpose_and_leaves_a_row(town: Town, sit_down) -> None:
    made = town.reported()
    page = case_page(made.case.number)
    clerk = sit_down("intake_clerk").open(page)

    assert "13812341234" not in clerk.html
    assert "张*" in clerk.html
    refused = clerk.send("/reporter/", purpose=" ")
    assert refused.status == 422
    shown = clerk.open(page).send("/reporter/", purpose="核实地址")
    assert "13812341234" in shown.html
    assert "张三丰" in shown.html
    row = RevealRow.objects.get()
    assert (row.user_id, row.purpose) == (town.people["intake_clerk"].pk, "核实地址")
    assert "13812341234" not in clerk.open(page).html
    grid = sit_down("grid_worker").open(page)
    assert "/reporter/" not in grid.html


def test_nobody_closes_over_a_dissatisfied_reporter(town: Town, sit_down) -> None:
    made = checked(town)
    page = case_page(made.case.number)
    leader = sit_down("shift_leader").open(page)
    person = reporter_by_code(made.code)
    closing.rate(
        made.case.pk,
        actor=resident_actor(person, clock=town.clock),
        service="dissatisfied",
        result="not_solved",
        why="policy",
    )
    refused = leader.client.post(f"{page}do/close/", {"close_type": "solved"})

    assert refused.status_code == 409
    assert state(made) == "checked"
    leader.open(page)
    assert "诉求人不满意,不得结案" in leader.html
    assert re.search(
        r'aria-disabled="true">结案</span> <span class="why">[^<]*没有解决,不能结案', leader.html
    )


def test_a_decision_that_waits_stands_first(town: Town, sit_down) -> None:
    made = handling(town)
    handback.ask_hand_back(
        made.case.pk, actor=town.actor("works_head"), ground="not_our_duty", reason="不属于我单位养护范围"
    )
    dispatcher = sit_down("dispatcher").open(case_page(made.case.number))

    assert "等待裁定" in dispatcher.html
    first = dispatcher.html.index("/do/agree_hand_back/")
    assert first < dispatcher.html.index("/do/refuse_hand_back/") < dispatcher.html.index("/do/note/")
    dispatcher.send("/do/refuse_hand_back/", reason="清单明确由市政养护")
    assert case_view(town.actor("dispatcher"), made.case.number).asks[0].decision == "refused"


def test_departments_and_leaders_see_their_part(town: Town, sit_down) -> None:
    made = handling(town)
    page = case_page(made.case.number)

    assert sit_down("works_handler").open(page).status == 200
    assert sit_down("sanitation_handler").open(page).status == 404
    assert sit_down("other_clerk").open(page).status == 404
    leader = sit_down("street_leader")
    assert leader.open(page).status == 404
    Case.objects.filter(pk=made.case.pk).update(is_escalated=True, text="张三丰 13812341234 说路坏了")
    assert leader.open(page).status == 200
    assert "13812341234" not in leader.html
    assert "138****1234" in leader.html
    assert "/reporter/" not in leader.html
    assert "/do/instruct/" in leader.html


def test_the_case_page_costs_the_same_however_much_happened(town: Town, sit_down) -> None:
    made = handled(town)
    page = case_page(made.case.number)
    clerk = sit_down("checker").open(page)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            clerk.open(page)
        return sum("changestamp" not in query["sql"] for query in seen)

    clerk.open(page)
    before = queries()
    for n in range(5):
        resident.urge(made.case.pk, actor=town.actor("dispatcher"), words=f"第{n}次")
    assert queries() == before <= 32


def test_files_sheets_and_the_residents_view_stay_in_scope(town: Town, sit_down) -> None:
    made = handling(town)
    page = case_page(made.case.number)
    unit = sit_down("works_handler").open(page)
    address, fields = unit.form("/do/report_result/")
    unit.send_form(address, fields, result="已修好", photos_after=[photo()])
    key = Evidence.objects.get(case=made.case).file.key
    noise = town.case_at(IN_OTHER_GRID)

    for path in (f"/office/files/{key}/", f"/office/files/{key}/?small", f"{page}sheet/", f"{page}resident/"):
        answer = sit_down("intake_clerk").client.get(path)
        assert answer.status_code == 200, path
        assert not answer.streaming or b"".join(answer.streaming_content)
        assert sit_down("other_clerk").client.get(path).status_code == 404, path
    assert sit_down("intake_clerk").open(f"/office/cases/{noise.number}/sheet/").status == 404
    words = sit_down("intake_clerk").open(f"{page}resident/")
    assert words.says("已办理,正在核对结果")


def test_pages_speak_english_without_chinese_words_of_ours(town: Town, sit_down) -> None:
    made = docketed(town)
    seat: Seat = sit_down("dispatcher")
    seat.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    html = seat.open(case_page(made.case.number)).html

    assert "What is the matter" in html
    assert "Dispatch" in html
    assert "办理过程" not in html
    assert "其他办理" not in html


def test_the_next_step_says_what_stands_in_its_way(town: Town, sit_down, morning) -> None:
    made = checked(town)
    morning.shift(timedelta(hours=13))  # ten in the evening
    checker = sit_down("checker").open(case_page(made.case.number))

    assert "/do/follow_up/" not in checker.html
    before_timeline = checker.html[: checker.html.index("办理过程")]
    assert "回访电话请在 8:30–20:00 之间拨打" in before_timeline
    dispatcher = sit_down("works_handler").open(case_page(made.case.number))
    assert "这一步不由您办理。正等待诉求人评价或回访。" in dispatcher.html
