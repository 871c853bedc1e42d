"""The administration: tables sent, previewed, confirmed; rows edited through actions; nothing deleted."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.accounts.conftest import administrator
from tests.cast import fill_catalogue
from tests.territory.place import AT, COMMUNITY, QUAY, SOUTH, build_place
from wangge.accounts.models import AdminRole, User
from wangge.catalog import queries
from wangge.catalog.models import (
    CatalogRevision,
    Category,
    ImportFile,
    PolicyRow,
    PolicyVersion,
    ResponsibilityRow,
)
from wangge.territory.models import Area, AreaForm, Building, Post, TerritoryRevision, Unit

SETUP = "/admin/setup/"
GOOD = "code,level,name_zh,parent_code\n370999,county,望海县,\n370999001,street,<script>街道,370999\n"
BAD = GOOD + "370999001,street,重复,370999\n"


pytestmark = pytest.mark.urls("tests.catalog.urls")


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def browser(db) -> Client:
    return signed_in(administrator("xitong", AdminRole.SYSTEM))


@pytest.fixture
def guard(db) -> Client:
    return signed_in(administrator("anquan", AdminRole.SECURITY))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer) -> str:
    return re.sub(r"<[^>]+>", " ", answer.content.decode())


def send(browser: Client, kind: str, content: str, name: str = "表.csv"):
    file = SimpleUploadedFile(name, content.encode("gb18030"))
    return browser.post(f"{SETUP}import/{kind}/", {"file": file}, follow=True)


def test_each_administrator_has_a_part(browser, guard):
    configuration = ("template/areas/", "export/areas/", "import/areas/", "import/areas/1/")
    people = ("template/staff/", "export/staff/", "import/staff/")
    pages = ("", *configuration, *people)
    assert {guard.get(SETUP + page).status_code for page in configuration} == {403}
    assert {browser.get(SETUP + page).status_code for page in people} == {403}
    assert {guard.get(SETUP + page).status_code for page in people} == {200}
    assert "人员岗位" not in text(browser.get(SETUP)).split("导入前会预览")[1]
    auditor = signed_in(administrator("shenji", AdminRole.AUDIT))
    plain = signed_in(User.objects.create_user("lihong", "x"))
    for nobody in (auditor, plain):
        assert {nobody.get(SETUP + page).status_code for page in pages} == {403}
    assert {Client().get(SETUP + page).status_code for page in pages} == {302}
    assert browser.get(f"{SETUP}import/nonsense/").status_code == 404


def test_an_empty_installation_says_what_is_missing(browser):
    assert f'href="{SETUP}"' in browser.get("/admin/").content.decode()
    page = text(browser.get(SETUP))
    for words in ("还没有案件类别", "还没有区域", "还没有单位", "还没有人员岗位", "安全管理员"):
        assert words in page
    english = signed_in(User.objects.get(username="xitong"))
    assert "No areas" in text(english.get(SETUP, headers={"accept-language": "en"}))


def test_send_preview_confirm(browser):
    shown = send(browser, "areas", GOOD)
    assert "新增 2" in text(shown)
    assert "检查通过,尚未写入" in text(shown)
    assert not Area.objects.exists()
    preview = shown.redirect_chain[-1][0]
    stranger = signed_in(administrator("xitong2", AdminRole.SYSTEM))
    assert stranger.get(preview).status_code == 404
    done = browser.post(preview, follow=True)
    assert "已导入:新增 2" in text(done)
    assert Area.objects.count() == 2
    assert not ImportFile.objects.exists()
    assert browser.post(preview).status_code == 404, "the same file does not come in twice"
    assert TerritoryRevision.objects.filter(changed_by="xitong").count() == 2


def test_problems_stand_by_row_and_cannot_be_confirmed(browser):
    shown = send(browser, "areas", BAD)
    assert "有 1 处错误" in text(shown)
    assert re.search(r"4\s+区域代码\s+■ 错误", text(shown))
    assert "确认导入" not in text(shown)
    browser.post(shown.redirect_chain[-1][0])
    assert not Area.objects.exists()
    assert (
        "<script>"
        not in send(browser, "areas", BAD.replace("重复", "<script>"))
        .content.decode()
        .split("content-main")[1]
    )
    refused = browser.post(
        f"{SETUP}import/areas/", {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken")}, follow=True
    )
    assert "读不出来" in text(refused)


def test_templates_and_exports_download(browser):
    fill_catalogue(AT)
    build_place()
    for kind in ("areas", "units", "buildings", "categories", "responsibility"):
        for what in ("template", "export"):
            answer = browser.get(f"{SETUP}{what}/{kind}/")
            assert openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
            assert "attachment" in answer["Content-Disposition"]
    assert browser.get(f"{SETUP}export/areas/?as=csv").content.startswith(b"\xef\xbb\xbf")
    assert len(browser.get(f"{SETUP}boundaries/").json()["features"]) == 11


AREA_PAGE = "/admin/territory/area/"


def test_areas_are_edited_through_the_action(browser):
    place = build_place()
    values = {
        "code": COMMUNITY + "005", "level": "grid", "kind": "base", "name_zh": "新网格", "name_en": "",
        "parent": place[COMMUNITY].pk, "external_codes": "{}", "boundary_geojson": "",
    }  # fmt: skip
    refused = browser.post(f"{AREA_PAGE}add/", values | {"code": "12"})
    assert "2 位" in text(refused)
    assert "新网格" in refused.content.decode(), "what was typed is still there"
    assert browser.post(f"{AREA_PAGE}add/", values).status_code == 302
    made = Area.objects.get(code=COMMUNITY + "005")
    assert made.path.startswith(place[COMMUNITY].path)
    square = '{"type":"Polygon","coordinates":[[[120.1,35.92],[120.11,35.92],[120.11,35.93],[120.1,35.92]]]}'
    changed = values | {"name_zh": "改名网格", "boundary_geojson": square, "parent": place[COMMUNITY].pk}
    assert browser.post(f"{AREA_PAGE}{made.pk}/change/", changed).status_code == 302
    made.refresh_from_db()
    assert (made.name_zh, made.max_lat) == ("改名网格", 35.93)
    assert AreaForm.objects.filter(area=made).get().name_zh == "新网格"
    bad = browser.post(f"{AREA_PAGE}{made.pk}/change/", changed | {"boundary_geojson": "{"})
    assert "不是有效的 GeoJSON" in text(bad)
    page = browser.get(f"{AREA_PAGE}{made.pk}/change/").content.decode()
    assert "35.93" in page
    assert browser.get(f"{AREA_PAGE}{made.pk}/delete/").status_code == 403
    assert browser.get(AREA_PAGE).status_code == 200


def test_areas_end_by_an_action_that_says_why_not(browser):
    place = build_place()
    chosen = {"action": "close_today", "_selected_action": [place[SOUTH].pk, place[QUAY].pk]}
    answer = browser.post(AREA_PAGE, chosen, follow=True)
    assert "2 个区域" in text(answer)
    assert Area.objects.get(pk=place[QUAY].pk).valid_to_on is not None
    assert Area.objects.get(pk=place[SOUTH].pk).valid_to_on is None


def test_posts_are_given_stood_in_and_ended(guard):
    browser = guard
    place = build_place()
    worker = User.objects.create_user("worker", None, display_name="王网")
    other = User.objects.create_user("other", None, display_name="李同")
    page = "/admin/territory/post/"
    values = {"user": worker.pk, "role": "grid_worker", "area": place[SOUTH].pk, "starts_on": "2026-01-01"}
    assert "要设在单位上" in text(browser.post(f"{page}add/", values | {"role": "head_of_unit"}))
    assert browser.post(f"{page}add/", values).status_code == 302
    assert "已经有这个岗位" in text(browser.post(f"{page}add/", values))
    post = Post.objects.get()
    double = {"user": other.pk, "role": "grid_worker", "starts_on": "2026-05-01", "ends_on": "2026-05-09"}
    browser.post(f"{page}add/", double | {"area": place[SOUTH].pk, "stands_in_for": post.pk})
    assert Post.objects.get(stands_in_for=post).user == other
    browser.post(f"{page}{post.pk}/change/", {"ends_on": "2026-06-30"})
    post.refresh_from_db()
    assert str(post.ends_on) == "2026-06-30"
    browser.post(f"{page}{post.pk}/change/", {"ends_on": ""})
    post.refresh_from_db()
    assert post.ends_on is None
    browser.post(page, {"action": "end_at_once", "_selected_action": [post.pk]})
    verbs = list(
        TerritoryRevision.objects.filter(kind="post", object_id=post.pk)
        .order_by("id")
        .values_list("verb", flat=True)
    )
    assert verbs == ["given", "ended", "prolonged", "ended"]
    assert browser.get(page).status_code == 200


def test_units_and_buildings(browser):
    fill_catalogue(AT)
    place = build_place()
    page = "/admin/territory/unit/"
    values = {"code": "parks", "kind": "parks", "level": "county", "name_zh": "园林中心", "is_active": "on"}
    assert browser.post(f"{page}add/", values | {"kind": "nobody"}).status_code == 200
    assert browser.post(f"{page}add/", values).status_code == 302
    unit = Unit.objects.get(code="parks")
    browser.post(f"{page}{unit.pk}/change/", {k: v for k, v in values.items() if k != "is_active"})
    unit.refresh_from_db()
    assert not unit.is_active
    values = {
        "code": "B1", "address": "海边路1号", "area": place[SOUTH].pk, "lon": "120.105", "lat": "35.905",
        "n_households": 3, "n_people": 9,
    }  # fmt: skip
    assert "写反" in text(
        browser.post("/admin/territory/building/add/", values | {"lon": "35.9", "lat": "120.1"})
    )
    assert browser.post("/admin/territory/building/add/", values).status_code == 302
    assert Building.objects.get().n_people == 9
    for name in ("unit", "building", "territoryrevision"):
        assert browser.get(f"/admin/territory/{name}/").status_code == 200


def form_of(browser: Client, page: str) -> dict[str, object]:
    """What the page's form would send unchanged."""
    form = browser.get(page).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def test_catalogue_rows_are_edited_with_versions(browser):
    fill_catalogue(AT)
    row = Category.objects.get(code="0102")
    page = f"/admin/catalog/category/{row.pk}/change/"
    values = form_of(browser, page)
    assert browser.post(page, values | {"name_zh": "垃圾乱倒"}).status_code == 302
    row.refresh_from_db()
    assert (row.name_zh, row.version) == ("垃圾乱倒", 2)
    assert "第 2 版" in text(browser.post(page, values | {"name_zh": "晚了一步"}))
    assert CatalogRevision.objects.filter(kind="category", code="0102", changed_by="xitong").count() == 1
    listed = ResponsibilityRow.objects.filter(category=row, level="county").get()
    page = f"/admin/catalog/responsibilityrow/{listed.pk}/change/"
    values = form_of(browser, page)
    assert browser.post(page, values | {"assist_kinds": ["parks"]}).status_code == 302
    listed.refresh_from_db()
    assert listed.assist_kinds == ["parks"]
    assert browser.post(page, values | {"lead_kind": "nobody"}).status_code == 200
    chosen = {"action": "retire", "_selected_action": [row.pk]}
    browser.post("/admin/catalog/category/", chosen)
    row.refresh_from_db()
    assert not row.is_active


@pytest.mark.parametrize(
    "name",
    [
        "category", "ground", "knowledgeentry", "assetkind", "channel", "closetype", "reason", "unitkind",
        "keywordrow", "responsibilityrow", "policyversion", "policyrow", "catalogrevision",
    ],
)  # fmt: skip
def test_every_list_and_form_opens(browser, name):
    fill_catalogue(AT)
    page = f"/admin/catalog/{name}/"
    assert browser.get(page, {"q": "a"}).status_code == 200
    answer = browser.get(page)
    first = answer.context["cl"].result_list[0]
    assert browser.get(f"{page}{first.pk}/change/").status_code == 200
    assert browser.get(f"{page}add/").status_code in (
        (403,) if name in ("policyversion", "catalogrevision") else (200,)
    )


def test_a_policy_is_copied_edited_and_published(browser):
    fill_catalogue(AT)
    first = queries.current_policy()
    rows, versions = "/admin/catalog/policyrow/", "/admin/catalog/policyversion/"
    published = first.rows.get(category__code="0102")
    assert browser.post(f"{rows}{published.pk}/change/", {"handle_hours": 1}).status_code == 403
    assert browser.get(f"{rows}{published.pk}/delete/").status_code == 403

    browser.post(versions, {"action": "copy", "_selected_action": [first.pk]})
    draft = PolicyVersion.objects.latest("number")
    browser.post(f"{versions}{draft.pk}/change/", {"name_zh": "本地方案", "name_en": "Local", "note": ""})
    row = draft.rows.get(category__code="0102")
    values = form_of(browser, f"{rows}{row.pk}/change/")
    assert "大于 0" in text(browser.post(f"{rows}{row.pk}/change/", values | {"handle_hours": "-1"}))
    browser.post(f"{rows}{row.pk}/change/", values | {"handle_hours": "12"})
    other = draft.rows.exclude(category=None).exclude(pk=row.pk).first()
    browser.post(f"{rows}{other.pk}/delete/", {"post": "yes"})
    assert not PolicyRow.objects.filter(pk=other.pk).exists()
    browser.post(versions, {"action": "publish", "_selected_action": [draft.pk]})

    assert queries.current_policy().name_zh == "本地方案"
    assert queries.policy_row(draft.pk, row.category_id).handle_hours == 12
    assert "不能再改" in text(
        browser.post(versions, {"action": "publish", "_selected_action": [first.pk]}, follow=True)
    )
