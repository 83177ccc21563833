"""The parts of a submission as they arrive: the XML in memory and capped, each file straight to a blob writer.

Nothing else is kept in memory, whatever the size of the request; whoever leaves the parser unfinished drops its files.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from server.blobs.folder import BlobFolder, BlobWriter
from server.problems import Problem
from server.settings import Settings

XML_PART = "xml_submission_file"
INCOMPLETE_PART = "*isIncomplete*"
FIELD_LIMIT = 1_000
FIELDS_LIMIT = 50
NAME_LIMIT = 255


@dataclass(slots=True)
class Parts:
    """What one POST held. ``files`` are writers that are neither kept nor dropped yet, by clean file name."""

    xml: bytes = b""
    files: dict[str, BlobWriter] = field(default_factory=dict)
    incomplete: bool = False

    def drop(self) -> None:
        """Forget every file that has not been kept."""
        for writer in self.files.values():
            writer.drop()
        self.files.clear()


def boundary_of(content_type: str) -> bytes:
    """The boundary of a multipart/form-data header. Raises Problem: request.type, request.invalid."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise Problem("request.type", type=content_type[:100] or "-")
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 200:
        raise Problem("request.invalid", detail="multipart boundary")
    return boundary


def clean_name(raw: str) -> str:
    """A file name without a path or control character. Raises Problem("request.invalid") where nothing is left."""
    name = raw.replace("\\", "/").rpartition("/")[2].strip()
    if not name.isprintable() or name in ("", ".", "..") or len(name.encode()) > NAME_LIMIT:
        raise Problem("request.invalid", detail="file name")
    return name


class PartsReader:
    """Feeds chunks of the body to the parser. Every limit raises a Problem with its own sentence."""

    def __init__(self, boundary: bytes, settings: Settings, blobs: BlobFolder) -> None:
        self.parts = Parts()
        self._settings = settings
        self._blobs = blobs
        self._types = frozenset(settings.attachment_types.lower().split())
        self._size = 0
        self._fields = 0
        self._ended = False
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""
        self._xml: list[bytes] | None = None
        self._xml_size = 0
        self._writer: BlobWriter | None = None
        self._name = ""
        self._text = b""
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:
            raise Problem("request.invalid", detail="multipart boundary") from error

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes. Raises Problem for a limit passed or a body that is no multipart."""
        self._size += len(chunk)
        if self._size > self._settings.max_request_bytes:
            raise Problem("request.too_large", limit=self._settings.max_request_bytes)
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise Problem("request.invalid", detail="multipart") from error

    def finish(self) -> Parts:
        """The parts of the whole body. Raises Problem where it was cut short or held no XML."""
        if not self._ended:
            raise Problem("request.invalid", detail="multipart: cut short")
        if not self.parts.xml:
            raise Problem("submission.no_xml")
        return self.parts

    def drop(self) -> None:
        """Forget everything that has arrived."""
        if self._writer is not None:
            self._writer.drop()
            self._writer = None
        self.parts.drop()

    def _on_part_begin(self) -> None:
        self._header_name = self._header_value = self._disposition = self._text = b""
        self._name = ""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        _kind, options = parse_options_header(self._disposition.decode("latin-1"))
        name = _text(options.get(b"name", b""))
        filename = _text(options.get(b"filename", b""))
        if name == XML_PART:
            if self._xml is not None or self.parts.xml:
                raise Problem("request.invalid", detail=f"{XML_PART} twice")
            self._xml = []
        elif filename:
            self._begin_file(clean_name(filename))
        else:
            self._fields += 1
            if self._fields > FIELDS_LIMIT:
                raise Problem("request.invalid", detail="too many fields")
            self._name = name

    def _begin_file(self, name: str) -> None:
        limit = self._settings.max_attachments
        if len(self.parts.files) >= limit:
            raise Problem("attachment.too_many", limit=limit)
        if name in self.parts.files:
            raise Problem("request.invalid", detail=f"{name} twice")
        if name.rpartition(".")[2].lower() not in self._types or "." not in name:
            raise Problem("attachment.type", name=name)
        self._name = name
        self._writer = self._blobs.writer()

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._xml is not None:
            self._xml_size += end - start
            if self._xml_size > self._settings.max_xml_bytes:
                raise Problem("request.too_large", limit=self._settings.max_xml_bytes)
            self._xml.append(data[start:end])
        elif self._writer is not None:
            if self._writer.size + end - start > self._settings.max_attachment_bytes:
                raise Problem("attachment.too_large", name=self._name, limit=self._settings.max_attachment_bytes)
            self._writer.write(data[start:end])
        elif len(self._text) < FIELD_LIMIT:
            self._text += data[start:end]

    def _on_part_end(self) -> None:
        if self._xml is not None:
            self.parts.xml = b"".join(self._xml)
            self._xml = None
        elif self._writer is not None:
            self._writer.rest()
            self.parts.files[self._name] = self._writer
            self._writer = None
        elif self._name == INCOMPLETE_PART:
            self.parts.incomplete = self._text.strip().lower() == b"yes"

    def _on_end(self) -> None:
        self._ended = True


def _text(raw: bytes) -> str:
    """A header parameter as text: UTF-8 as phones send it, else Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
