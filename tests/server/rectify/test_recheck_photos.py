"""What a re-check photographed stands beside what was found and what the school says it has done."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from forms.instance import build_instance
from tests.server.rectify.conftest import Loop, photo
from tests.server.rectify.test_following import entry

TAKEN = ("复查 一.jpg", "复查 二.jpg", "没有传到.jpg")


def send(loop: Loop, rows: list[dict[str, object]]) -> str:
    """A re-check of S01 with photos, by bola; the last one never arrives."""
    definition = loop.inspection.definitions["f12"]
    day = loop.district.context.today().isoformat()
    values = {"hd_a01": f"{day}T09:00:00.000+08:00", "hd_a06": "S01", "hd_a11": "1", "f12_finding": rows}
    instance = f"uuid:{uuid.uuid4()}"
    xml = build_instance(definition, values, instance_id=instance)
    files = {name: (name, photo().data, "image/jpeg") for name in TAKEN[:2]}
    answer = loop.district.client.post(
        f"{loop.district.key('bola')}/submission",
        files={"xml_submission_file": ("s.xml", xml, "text/xml"), **files},
    )
    assert answer.status_code == 201, answer.text
    loop.jobs()
    return instance


def test_a_findings_page_shows_what_its_own_row_of_the_re_check_photographed(loop: Loop) -> None:
    first, second = loop.found(), loop.found(answers={"f01_b01": "3"})
    for code in (first, second):
        loop.bring(code, "evidence")
    rows = [entry(loop, code, f12_b05=name)["f12_finding"][0] for code, name in ((first, TAKEN[0]), (second, TAKEN[2]))]  # type: ignore[index]
    instance = send(loop, rows)
    shown = f"/submissions/{quote(instance, safe='')}/thumbs/{quote(TAKEN[0], safe='')}"
    for login in ("head1", "office", "bola"):
        page = loop.district.as_(login).get(f"/findings/{first}").text
        assert shown in page and "复查时" in page
        assert quote(TAKEN[1], safe="") not in page
    assert loop.district.as_("head1").get(shown).status_code == 200
    other = loop.district.as_("head1").get(f"/findings/{second}").text
    assert "复查时" not in other and quote(TAKEN[2], safe="") not in other
