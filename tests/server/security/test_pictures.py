"""A file that calls itself a photo is either a picture or nothing; it never fails the server."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from server.blobs import folder
from server.blobs.folder import BlobFolder
from server.problems import Problem
from server.web.files import READ, small


def drawn(kind: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (64, 48), (10, 200, 30)).save(target, kind)
    return target.getvalue()


@pytest.mark.parametrize("kind", READ)
def test_a_damaged_picture_is_small_or_not_found(kind: str) -> None:
    whole, dice = drawn(kind), random.Random(7)
    assert small(whole)[:2] == b"\xff\xd8"
    for _ in range(300):
        broken = bytearray(whole[: dice.randrange(8, len(whole) + 1)])
        for _ in range(dice.randrange(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            assert small(bytes(broken))[:2] == b"\xff\xd8"
        except Problem as problem:
            assert problem.code == "not_found"


@pytest.mark.parametrize("kind", ["EPS", "BMP", "TIFF", "PPM"])
def test_other_kinds_of_files_are_not_even_opened(kind: str) -> None:
    with pytest.raises(Problem, match="not_found"):
        small(drawn(kind))


def test_a_new_folder_is_as_durable_as_the_file_in_it(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = BlobFolder(tmp_path)  # type: ignore[arg-type]
    synced = []
    whole = folder._sync
    monkeypatch.setattr(folder, "_sync", lambda path: (synced.append(path), whole(path)))
    digest = blobs.put(b"photo")
    assert blobs.folder in synced
    assert synced[-1] == blobs.path(digest).parent
