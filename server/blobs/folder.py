"""Attachments and workbooks by content address in a folder: written once, never changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


class BlobWriter:
    """Takes bytes as they arrive; ``keep`` gives them their final name. Left unkept, they disappear."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        handle, name = tempfile.mkstemp(dir=folder / "incoming")
        self._file: BinaryIO = os.fdopen(handle, "wb")
        self._path = Path(name)
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def rest(self) -> None:
        """Nothing more will be written: give the file handle back, since one request may hold hundreds of files."""
        self._file.close()

    def keep(self) -> str:
        """Make the bytes durable under their SHA-256 and give it (64 hexadecimal digits)."""
        digest = self._hash.hexdigest()
        target = self._folder / digest[:2] / digest
        if target.exists():
            self.drop()
            _sync(target.parent)  # Whoever keeps the same bytes at this moment may not have come that far.
            return digest
        self._file.close()
        _sync(self._path)
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True)
            _sync(self._folder)
        self._path.replace(target)
        _sync(target.parent)
        return digest

    def drop(self) -> None:
        """Forget the bytes."""
        self._file.close()
        with suppress(FileNotFoundError):
            self._path.unlink()


class BlobFolder:
    """The store of blobs of the embedded default."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "incoming").mkdir(parents=True, exist_ok=True)

    def writer(self) -> BlobWriter:
        """A writer for one blob."""
        return BlobWriter(self.folder)

    def put(self, data: bytes) -> str:
        """Keep bytes that are in memory already; gives their SHA-256."""
        writer = self.writer()
        writer.write(data)
        return writer.keep()

    def path(self, digest: str) -> Path:
        """Where a blob lies. Raises KeyError if it is not there or ``digest`` is no SHA-256."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise KeyError(digest)
        path = self.folder / digest[:2] / digest
        if not path.is_file():
            raise KeyError(digest)
        return path

    def get(self, digest: str) -> bytes:
        """A whole blob. Raises KeyError if it is not there."""
        return self.path(digest).read_bytes()

    def digests(self) -> Iterator[str]:
        """Every blob's SHA-256."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            yield path.name


def _sync(path: Path) -> None:
    """Make a file's bytes or a folder's names durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
