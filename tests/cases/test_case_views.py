"""Cases as people see them: masked, named, with what may be done and why not; the same queries however many rows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cases.steps import checked, docketed, handled, handling
from tests.cast import IN_GRID_3, IN_OTHER_GRID, Town
from wangge.cases.actions import closing, desk, handback, resident
from wangge.cases.models import Case, CaseClock, Entry, Evidence, PrivateWords, Reporter
from wangge.cases.queries import (
    Filters,
    case_list,
    case_view,
    reporter_by_code,
    resident_actor,
    resident_view,
    waiting_for,
    waiting_list,
)
from wangge.cases.queries import view as case_rows
from wangge.kit.db import read_fields
from wangge.kit.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db


def queries_of(act) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    # every two seconds a process looks whether what it keeps in memory has changed
    return sum("territory_changestamp" not in one["sql"] for one in seen)


def offered(view) -> set[str]:
    return {offer.verb.code for offer in view.offers}


def refused(view) -> dict[str, str]:
    return {one.verb.code: one.reason.zh for one in view.not_now}


def test_the_clerk_sees_the_street_and_nothing_else(town: Town) -> None:
    mine = town.reported().case
    town.case_at(IN_OTHER_GRID)

    lines = case_list(town.actor("intake_clerk")).items

    assert [line.number for line in lines] == [mine.number]
    line = lines[0]
    assert line.state.name.zh == "已上报"
    assert line.area.way.zh == "望海街道·长江路社区·长江路第一网格"
    assert line.deadline.left.zh == "还剩 3 天"
    assert line.deadline.light.code == "green"
    with pytest.raises(NotFound):
        case_view(town.actor("other_clerk"), mine.number)


def test_a_list_costs_the_same_however_long_it_is(town: Town) -> None:
    clerk = town.actor("intake_clerk")
    town.reported()
    case_list(clerk)  # fills what is kept in memory
    one = queries_of(lambda: case_list(clerk))
    for at in (IN_GRID_3, IN_GRID_3, IN_OTHER_GRID):
        town.case_at(at)
    many = queries_of(lambda: case_list(clerk))
    assert len(case_list(clerk).items) == 3
    assert one == many == 2  # cases, clocks


def test_lists_are_narrowed_and_paged(town: Town) -> None:
    clerk = town.actor("intake_clerk")
    made = [town.reported(f"第{n}件").case for n in range(5)]
    docketed_one = docketed(town).case
    first = case_list(clerk, size=4)
    second = case_list(clerk, after=first.next_cursor, size=4)
    numbers = [line.number for line in (*first.items, *second.items)]
    assert len(numbers) == len(set(numbers)) == 6
    assert second.next_cursor == ""

    def found(**given) -> set[str]:
        return {line.number for line in case_list(clerk, Filters(**given)).items}

    assert found(states=("docketed",)) == {docketed_one.number}
    assert found(category="CM") == {docketed_one.number}
    assert found(area="370999001001") == set(numbers)
    assert found(area="370999001002") == set()
    assert found(q=made[0].number[:25]) == {made[0].number}
    assert found(light="green") == set(numbers)
    assert found(is_open=False) == set()
    town.later(hours=60)
    shown = case_list(town.actor("intake_clerk")).items
    assert found(light="yellow") == {line.number for line in shown if line.deadline.light.code == "yellow"}
    with pytest.raises(Invalid):
        found(area="999")


@pytest.mark.parametrize("hours", [0, 35.9, 36, 57.5, 57.7, 71.9, 72.1, 107.9, 108.1])
def test_the_light_of_a_line_and_the_filter_say_the_same(town: Town, hours: float) -> None:
    town.reported()
    town.later(hours=hours)
    clerk = town.actor("intake_clerk")
    shown = case_list(clerk).items[0].deadline.light.code
    for light in ("green", "reminder", "yellow", "red", "purple", "none"):
        assert bool(case_list(clerk, Filters(light=light)).items) == (light == shown), light


def test_the_reporter_is_masked_and_numbers_in_the_words_are_hidden_from_those_who_need_not_know(
    town: Town,
) -> None:
    made = town.reported("我是张三丰,电话13812341234,楼下垃圾没人收")
    for name in ("intake_clerk", "grid_worker", "supervision_officer"):
        view = case_view(town.actor(name), made.case.number)
        assert view.reporters[0].name == "张*"
        assert view.reporters[0].phone == "138****1234"
        assert "13812341234" not in view.line.title
    assert "13812341234" in case_view(town.actor("intake_clerk"), made.case.number).text
    worker = case_view(town.actor("grid_worker"), made.case.number)
    assert "13812341234" not in worker.text
    assert worker.text_is_masked
    assert not worker.reporters[0].may_reveal


def test_a_view_says_what_may_be_done_and_why_not_the_rest(town: Town) -> None:
    made = town.reported()
    view = case_view(town.actor("intake_clerk"), made.case.number)
    assert {"accept", "propose_decline", "ask_verification", "contact", "note"} <= offered(view)
    assert "只有咨询" in refused(view)["answer"]
    assert refused(view)["dispatch"].startswith("“派遣”须由")
    assert "现在是“已上报”" in refused(view)["docket"]
    assert not {"rate", "withdraw", "archive"} & (offered(view) | refused(view).keys())
    fields = {
        field.name: field
        for offer in view.offers
        if offer.verb.code == "propose_decline"
        for field in offer.fields
    }
    assert fields["ground"].label.zh == "不予受理事由"
    assert fields["ground"].source == "decline"
    assert fields["ground"].is_required


def test_the_timeline_tells_who_with_which_post_did_what(town: Town) -> None:
    made = docketed(town)
    town.later(hours=2)
    desk.dispatch(
        made.case.pk, actor=town.actor("dispatcher"), lead="works", assisting=["urban"], advice="请尽快修补"
    )
    view = case_view(town.actor("dispatcher"), made.case.number)
    newest = view.timeline[0]
    assert newest.verb.name.zh == "派遣"
    assert newest.post.zh == "望海街道 派遣员"
    assert newest.actor == "卫派"
    assert newest.after.zh == "2 小时"
    said = {item.label.zh: item.value.zh for item in newest.said}
    assert said == {"主办单位": "望海县市政工程处", "协办单位": "望海街道城管科", "派遣意见": "请尽快修补"}
    assert [entry.seq for entry in view.timeline] == [4, 3, 2, 1]
    assert view.line.unit.name.zh == "望海县市政工程处"
    assert {one.stage.code for one in view.deadlines if one.is_running} >= {
        "handle",
        "unit_take",
        "unit_handle",
    }


def test_private_words_are_read_by_those_who_handle_the_case_only(town: Town) -> None:
    made = handling(town)
    resident.supplement(made.case.pk, actor=town.resident(made), words="我住302,找王阿姨")
    for name, reads in (
        ("works_handler", True),
        ("dispatcher", True),
        ("grid_worker", False),
        ("supervision_officer", False),
    ):
        newest = case_view(town.actor(name), made.case.number).timeline[0]
        assert ("王阿姨" in newest.said[0].value.zh) is reads, name


def test_a_view_costs_a_fixed_number_of_queries(town: Town) -> None:
    made = handling(town)
    number, actor = made.case.number, town.actor("dispatcher")
    case_view(actor, number)
    first = queries_of(lambda: case_view(actor, number))
    for n in range(5):
        resident.supplement(made.case.pk, actor=town.resident(made), words=f"补充{n}")
    assert queries_of(lambda: case_view(actor, number)) == first
    assert first <= 16


def test_what_waits_is_counted_as_it_is_listed(town: Town) -> None:
    town.reported()
    docketed(town)
    handling(town)
    handled(town)
    checked(town)
    town.case_at(IN_OTHER_GRID)
    asked = handling(town)
    handback.ask_hand_back(
        asked.case.pk, actor=town.actor("works_head"), ground="not_our_duty", reason="不归我们"
    )
    expected = {
        "intake_clerk": {"accept": 1, "follow_up": 1},
        "dispatcher": {"dispatch": 1, "hand_back": 1},
        "works_handler": {"handle": 2, "claim": 1},
        "works_head": {"handle": 2, "claim": 1},
        "checker": {"check": 1, "follow_up": 1},
        "grid_worker": {"look": 1},
        "grid_worker_3": {},
        "other_clerk": {"accept": 1},
        "street_leader": {},
        "volunteer": {},
    }
    for name, counts in expected.items():
        actor = town.actor(name)
        found = {row.key: row.n for row in waiting_for(actor)}
        assert found == counts, name
        for key in counts:
            assert len(waiting_list(actor, key).items) == counts[key]
        assert len(waiting_list(actor).items) == sum(counts.values())


def test_what_waits_comes_soonest_deadline_first(town: Town) -> None:
    first = town.reported("先报").case
    town.later(hours=1)
    second = town.reported("后报").case
    actor = town.actor("intake_clerk")
    assert [line.number for line in waiting_list(actor).items] == [first.number, second.number]
    page = waiting_list(actor, size=1)
    rest = waiting_list(actor, after=page.next_cursor, size=1)
    assert [line.number for line in (*page.items, *rest.items)] == [first.number, second.number]


def test_a_resident_reads_the_way_of_the_report(town: Town) -> None:
    made = handling(town)
    view = resident_view(reporter_by_code(made.code.lower().replace("-", " ")), town.clock.now())
    assert view.sentence.zh == "望海县市政工程处 正在办理"
    assert view.promise.zh.startswith("最迟 11月")
    assert [step.name.zh for step in view.steps if step.is_done] == ["收到", "受理", "交办"]
    assert [step.name.zh for step in view.steps if step.is_now] == ["办理"]
    assert [one.words.zh for one in view.happenings] == [
        "望海县市政工程处 已接单", "已交 望海县市政工程处 办理", "情况已确认", "已受理", "已收到您的反映",
    ]  # fmt: skip
    assert {offer.verb.code for offer in view.offers} == {"withdraw", "supplement", "urge", "attach"}
    told = repr(view)
    for user in town.people.values():
        assert user.display_name not in told
    with pytest.raises(NotFound):
        reporter_by_code("0000-0000-000000")


def test_a_resident_rates_and_may_reopen_for_fifteen_days(town: Town) -> None:
    made = checked(town)
    view = resident_view(reporter_by_code(made.code), town.clock.now())
    assert view.sentence.zh == "结果已核对,请您看看问题是否解决"
    assert view.answer == "坑已填平,路面恢复"
    assert "rate" in {offer.verb.code for offer in view.offers}
    closing.rate(made.case.pk, actor=town.resident(made), service="satisfied", result="solved")
    view = resident_view(reporter_by_code(made.code), town.clock.now())
    assert view.sentence.zh == "已办结。如问题没有解决,12月1日 09:00 前可申请重新办理"
    assert "reopen" in {offer.verb.code for offer in view.offers}
    town.later(days=16)
    view = resident_view(reporter_by_code(made.code), town.clock.now())
    assert "reopen" not in {offer.verb.code for offer in view.offers}


def test_every_sentence_of_every_state_can_be_filled(town: Town) -> None:
    made = docketed(town)
    for state in Case._meta.get_field("state").choices:
        Case.objects.filter(pk=made.case.pk).update(
            state=state[0],
            closed_at=town.clock.now(),
            ended_at=town.clock.now() + timedelta(days=1),
            outside_unit="法院",
        )
        sentence = resident_view(reporter_by_code(made.code), town.clock.now()).sentence
        assert "{" not in sentence.zh + sentence.en


def test_rows_of_a_case_read_at_once_are_those_of_the_tables(town: Town) -> None:
    case = checked(town).case
    checked(town)
    person = case.reporters.get()
    resident.supplement(case.pk, actor=resident_actor(person), words="请打 13812341234")
    found = case_rows.together(case_rows.OF_CASE, [case.pk] * case_rows.N_VALUES)
    by_model = dict(zip([model for model, _ in case_rows.OF_CASE], found, strict=True))

    for model, least in ((Entry, 8), (CaseClock, 3), (Evidence, 1), (Reporter, 1), (PrivateWords, 1)):
        assert len(by_model[model]) >= least, model
    for model, rows in by_model.items():
        for row in rows:
            kept = model.objects.get(pk=row.pk)
            for field in read_fields(model):
                told, stored = getattr(row, field.attname), getattr(kept, field.attname)
                assert (type(told), told) == (type(stored), stored), (model, field.attname)
