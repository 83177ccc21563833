"""The parts of any body, however it is cut into chunks, and whatever else is sent instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from server.blobs.folder import BlobFolder
from server.openrosa.multipart import Parts, PartsReader, boundary_of, clean_name
from server.problems import Problem
from server.settings import Settings

BOUNDARY = b"----------c0ffee"
QUICK = hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def body_of(xml: bytes, files: dict[str, bytes]) -> bytes:
    head = b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: x/y\r\n\r\n%s\r\n'
    parts = [head % (BOUNDARY, b"xml_submission_file", b"submission.xml", xml)]
    parts += [head % (BOUNDARY, name.encode(), name.encode(), content) for name, content in files.items()]
    return b"".join(parts) + b"--%s--\r\n" % BOUNDARY


def read(folder: Path, chunks: list[bytes], settings: Settings | None = None) -> tuple[Parts, dict[str, bytes]]:
    """Feed the chunks and give the parts and the bytes of each file."""
    blobs = BlobFolder(folder)
    reader = PartsReader(BOUNDARY, settings or Settings(), blobs)
    try:
        for chunk in chunks:
            reader.feed(chunk)
        parts = reader.finish()
        return parts, {name: blobs.get(writer.keep()) for name, writer in parts.files.items()}
    except Problem:
        reader.drop()
        raise
    finally:
        assert list((folder / "incoming").iterdir()) == []


def cut(body: bytes, places: list[int]) -> list[bytes]:
    marks = sorted({place % (len(body) + 1) for place in places})
    return [body[start:end] for start, end in zip([0, *marks], [*marks, len(body)], strict=True)]


@QUICK
@given(
    xml=st.binary(min_size=1, max_size=300),
    files=st.dictionaries(
        st.from_regex(r"\A[a-z0-9 一-龥]{1,20}\.jpg\Z").filter(lambda name: name == name.strip()),
        st.binary(max_size=300),
        max_size=4,
    ),
    places=st.lists(st.integers(0, 5000), max_size=12),
)
def test_every_byte_arrives_however_the_body_is_cut(
    tmp_path: Path, xml: bytes, files: dict[str, bytes], places: list[int]
) -> None:
    parts, found = read(tmp_path, cut(body_of(xml, files), places))
    assert parts.xml == xml
    assert found == files


@QUICK
@given(data=st.data())
def test_a_damaged_body_is_read_or_refused_and_leaves_no_file(tmp_path: Path, data: st.DataObject) -> None:
    body = bytearray(body_of(b"<data/>", {"a.jpg": b"\r\n--" + BOUNDARY[:6] + b"x" * 40}))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        read(tmp_path, cut(bytes(body), data.draw(st.lists(st.integers(0, 500), max_size=5))))
    except Problem as problem:
        assert 400 <= problem.status < 500


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a.jpg", "a.jpg"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("/a.jpg", "a.jpg"),
        ("照片 1.jpg", "照片 1.jpg"),
    ],
)
def test_a_file_name_is_never_a_path(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


@pytest.mark.parametrize("raw", ["", "/", "..", "a\x00.jpg", "a\n.jpg", "\u202egpj.exe", "字" * 86])
def test_a_name_that_is_none_is_refused(raw: str) -> None:
    with pytest.raises(Problem):
        clean_name(raw)


def test_a_boundary_is_found_quoted_or_bare() -> None:
    assert boundary_of('multipart/form-data; boundary="a b"') == b"a b"
    assert boundary_of("multipart/form-data;boundary=ab") == b"ab"
    with pytest.raises(Problem):
        boundary_of("multipart/mixed; boundary=ab")


def test_only_the_last_post_lacks_the_mark(tmp_path: Path) -> None:
    field = b'--%s\r\nContent-Disposition: form-data; name="*isIncomplete*"\r\n\r\nyes\r\n' % BOUNDARY
    assert read(tmp_path, [field + body_of(b"<data/>", {})])[0].incomplete
    assert not read(tmp_path, [body_of(b"<data/>", {})])[0].incomplete


def test_hundreds_of_files_hold_no_file_handles(tmp_path: Path) -> None:
    reader = PartsReader(BOUNDARY, Settings(), BlobFolder(tmp_path))
    before = len(list(Path("/proc/self/fd").iterdir()))
    reader.feed(body_of(b"<data/>", {f"{number}.jpg": b"photo" for number in range(300)}))
    assert len(reader.finish().files) == 300
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
    reader.drop()
    assert list((tmp_path / "incoming").iterdir()) == []
