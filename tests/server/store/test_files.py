"""Every blob that a table names is one that the doctor looks for."""

from __future__ import annotations

from server.store.files import BLOBS
from server.store.tables import METADATA

# SHA-256 of what lies in the row itself.
IN_THE_ROW = {("reference", "sha256"), ("snapshot", "sha256"), ("submission", "xml_sha256")}


def test_each_column_of_a_digest_is_of_a_blob_that_is_looked_for_or_of_its_own_row() -> None:
    columns = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if "sha256" in column.name
    }
    looked_for = {(column.class_.__tablename__, column.key) for column in BLOBS}
    assert columns - looked_for == IN_THE_ROW
    assert looked_for <= columns
