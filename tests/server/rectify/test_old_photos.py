"""F12 in stock Collect shows the photo of what was found: beside the form, for the inspectors of that school only."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import uuid

from forms.instance import build_instance
from tests.server.rectify.conftest import Loop, picture

ITEM = "f01_f01"


def found_with_photo(loop: Loop, school: str, photo: bytes, *, by: str = "amina") -> str:
    """A confirmed finding of a visit with a photo; gives its code."""
    definition = loop.inspection.definitions["f01"]
    companion = next(i.name for i in definition.items if i.role == "photo_companion" and i.companion_of == ITEM)
    start = f"{loop.district.context.today().isoformat()}T09:00:00.000+08:00"
    values = {"hd_a01": start, "hd_a06": school, "hd_a11": "1", ITEM: "3", companion: "门岗 1.jpg"}
    before = {finding.code for finding in loop.all()}
    xml = build_instance(definition, values, instance_id=f"uuid:{uuid.uuid4()}")
    files = {"xml_submission_file": ("s.xml", xml, "text/xml"), "门岗 1.jpg": ("门岗 1.jpg", photo, "image/jpeg")}
    assert loop.district.client.post(f"{loop.district.key(by)}/submission", files=files).status_code == 201
    loop.jobs()
    (code,) = {finding.code for finding in loop.all()} - before
    loop.act("office", code, "confirm")
    return code


def files_of(loop: Loop, login: str, form: str = "f12") -> dict[str, tuple[str, str]]:
    """By name: the MD5 and the address of each file of a form, as the phone of this person is told."""
    manifest = loop.district.client.get(f"{loop.district.key(login)}/forms/{form}/manifest").text
    pattern = r"<filename>([^<]+)</filename><hash>md5:([^<]+)</hash><downloadUrl>([^<]+)</downloadUrl>"
    return {name: (digest, address) for name, digest, address in re.findall(pattern, manifest)}


def rows(loop: Loop, login: str) -> dict[str, str]:
    """By finding: the photo that its row names."""
    text = loop.district.client.get(files_of(loop, login)["findings.csv"][1]).text
    return {row["name"]: row["photo"] for row in csv.DictReader(io.StringIO(text))}


def test_the_photo_of_a_finding_comes_beside_the_form_and_its_row_names_it(loop: Loop) -> None:
    photo = picture()
    code = found_with_photo(loop, "S01", photo)
    plain = loop.found("S01", {"f01_b01": "3"})
    loop.act("office", plain, "confirm")
    assert rows(loop, "bola") == {code: f"{code}.jpg", plain: ""}
    digest, address = files_of(loop, "bola")[f"{code}.jpg"]
    assert digest == hashlib.md5(photo, usedforsecurity=False).hexdigest()
    answer = loop.district.client.get(address)
    assert (answer.content, answer.headers["content-type"]) == (photo, "image/jpeg")
    assert not any(name.endswith(".jpg") for name in files_of(loop, "bola", "f01"))


def test_the_form_shows_it_where_there_is_one(loop: Loop) -> None:
    xform = loop.district.client.get(f"{loop.district.key('bola')}/forms/f12.xml").text
    assert re.search(
        r'<value form="image">\s*jr://images/<output value="\s*/data/f12_finding/f12_b/f12_old\s*"/>', xform
    )
    assert re.search(r"/f12_old_shown\"[^>]* relevant=\"\s*\.\./f12_old\s+!= ''\"", xform)
    assert re.search(r"pulldata\('findings', 'photo', 'name', +\.\./f12_pick *\)", xform)


def test_nobody_gets_the_photo_of_a_school_that_is_not_theirs(loop: Loop) -> None:
    code = found_with_photo(loop, "S03", picture(), by="bola")
    assert f"{code}.jpg" in files_of(loop, "bola")
    address = files_of(loop, "bola")[f"{code}.jpg"][1]
    assert code not in rows(loop, "amina") and f"{code}.jpg" not in files_of(loop, "amina")
    elsewhere = address.replace(loop.district.key("bola"), loop.district.key("amina"))
    assert elsewhere != address
    assert loop.district.client.get(elsewhere).status_code == 404


def test_a_photo_that_the_disk_has_lost_keeps_no_checklist_from_a_phone(loop: Loop) -> None:
    photo = picture()
    code = found_with_photo(loop, "S01", photo)
    loop.district.context.blobs.path(hashlib.sha256(photo).hexdigest()).unlink()
    assert f"{code}.jpg" not in files_of(loop, "bola") and "findings.csv" in files_of(loop, "bola")
