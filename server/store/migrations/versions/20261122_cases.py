"""Rectification cases: what a finding carries on its way, steps, files, documents, measures, calendar, clock"""

import sqlalchemy as sa
from alembic import op

from server.store.db import UtcDateTime

revision = "20261122_cases"
down_revision = "20261122_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original_severity", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("original_due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("told_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("step_due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("step_due_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("level", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("extensions", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("plan_returns", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("reopened_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("false_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("handed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("watch_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("on_site", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("checked_on_site", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("responsible", sa.String(length=100), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("rectifier_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rechecker_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("verified_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("opened_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("department_answer", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("steps", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("changed_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("facts", sa.Text(), nullable=False, server_default="{}"))
        batch_op.alter_column("submission_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_check_constraint("level", "level BETWEEN 0 AND 3")
        batch_op.create_index("ix_finding_state_due", ["state", "due_on"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_finding_opened_by_id_person"), "person", ["opened_by_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_finding_rechecker_id_person"), "person", ["rechecker_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_finding_verified_by_id_person"), "person", ["verified_by_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_finding_rectifier_id_person"), "person", ["rectifier_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_finding_merged_into_id_finding"), "finding", ["merged_into_id"], ["id"]
        )
    op.execute("UPDATE finding SET original_severity = severity")

    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("loaded_by", sa.Integer(), nullable=True),
        sa.Column("loaded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["loaded_by"], ["person.id"], name=op.f("fk_calendar_day_loaded_by_person")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "document_sequence",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_document_sequence_unit_id_unit")),
        sa.PrimaryKeyConstraint("kind", "unit_id", "year", name=op.f("pk_document_sequence")),
    )
    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision_number", sa.String(length=100), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("appealed_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("step_due_on", sa.Date(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_measure_decided_by_id_person")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_measure_finding_id_finding")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_measure_proposed_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_measure_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.UniqueConstraint("code", name=op.f("uq_measure_code")),
        sa.UniqueConstraint("origin", name=op.f("uq_measure_origin")),
    )
    with op.batch_alter_table("measure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measure_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index("ix_measure_unit_state", ["unit_id", "state"], unique=False)

    op.create_table(
        "recheck_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=32), nullable=False),
        sa.Column("share", sa.String(length=16), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("drawn", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_recheck_draw_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_recheck_draw_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck_draw")),
        sa.UniqueConstraint("project_id", "occasion", name=op.f("uq_recheck_draw_project_id_occasion")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.add_column(sa.Column("draw_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_finding_draw_id_recheck_draw"), "recheck_draw", ["draw_id"], ["id"])
    op.create_table(
        "clock_key",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.Column("measure_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_clock_key_finding_id_finding")),
        sa.ForeignKeyConstraint(["measure_id"], ["measure.id"], name=op.f("fk_clock_key_measure_id_measure")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_clock_key")),
    )
    with op.batch_alter_table("clock_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clock_key_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_clock_key_measure_id"), ["measure_id"], unique=False)

    op.create_table(
        "look",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["measure_id"], ["measure.id"], name=op.f("fk_look_measure_id_measure")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_look_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
    )
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_look_measure_id"), ["measure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_look_person_id"), ["person_id"], unique=False)

    op.create_table(
        "measure_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("post", sa.String(length=100), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["measure_id"], ["measure.id"], name=op.f("fk_measure_person_measure_id_measure")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_measure_person_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_person")),
    )
    with op.batch_alter_table("measure_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measure_person_measure_id"), ["measure_id"], unique=False)

    op.create_table(
        "case_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.Column("measure_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(finding_id IS NULL) <> (measure_id IS NULL)", name=op.f("ck_case_step_one_matter")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_case_step_by_id_person")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_case_step_finding_id_finding")),
        sa.ForeignKeyConstraint(["measure_id"], ["measure.id"], name=op.f("fk_case_step_measure_id_measure")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_case_step_submission_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_step")),
        sa.UniqueConstraint("finding_id", "number", name=op.f("uq_case_step_finding_id_number")),
        sa.UniqueConstraint(
            "finding_id", "submission_id", "action", name=op.f("uq_case_step_finding_id_submission_id_action")
        ),
        sa.UniqueConstraint("measure_id", "number", name=op.f("uq_case_step_measure_id_number")),
    )
    with op.batch_alter_table("case_step", schema=None) as batch_op:
        batch_op.create_index("ix_case_step_action_at", ["action", "at"], unique=False)

    op.create_table(
        "case_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("measure_id", sa.Integer(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("docx_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["person.id"], name=op.f("fk_case_document_acknowledged_by_id_person")
        ),
        sa.ForeignKeyConstraint(["district_id"], ["unit.id"], name=op.f("fk_case_document_district_id_unit")),
        sa.ForeignKeyConstraint(["measure_id"], ["measure.id"], name=op.f("fk_case_document_measure_id_measure")),
        sa.ForeignKeyConstraint(["step_id"], ["case_step.id"], name="fk_case_document_step_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_case_document_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_document")),
        sa.UniqueConstraint(
            "kind", "district_id", "year", "number", name=op.f("uq_case_document_kind_district_id_year_number")
        ),
    )
    with op.batch_alter_table("case_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_document_measure_id"), ["measure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_document_step_id"), ["step_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_document_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "case_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("latitude", sa.String(length=24), nullable=False),
        sa.Column("longitude", sa.String(length=24), nullable=False),
        sa.CheckConstraint(
            "role IN ('before', 'after', 'document', 'decision', 'record')", name=op.f("ck_case_file_role")
        ),
        sa.ForeignKeyConstraint(["step_id"], ["case_step.id"], name="fk_case_file_step_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_file_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_step_id"), ["step_id"], unique=False)

    op.create_table(
        "case_document_finding",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["case_document.id"], name=op.f("fk_case_document_finding_document_id_case_document")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_case_document_finding_finding_id_finding")
        ),
        sa.PrimaryKeyConstraint("document_id", "finding_id", name=op.f("pk_case_document_finding")),
    )
    with op.batch_alter_table("case_document_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_document_finding_finding_id"), ["finding_id"], unique=False)
    op.create_table(
        "document_head",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=100), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_document_head_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_document_head")),
    )
    op.create_table(
        "document_template",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_document_template_unit_id_unit")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_document_template_uploaded_by_person")),
        sa.PrimaryKeyConstraint("unit_id", "kind", name=op.f("pk_document_template")),
    )


def downgrade() -> None:
    op.drop_table("document_template")
    op.drop_table("document_head")
    with op.batch_alter_table("case_document_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_document_finding_finding_id"))

    op.drop_table("case_document_finding")
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_file_step_id"))
        batch_op.drop_index(batch_op.f("ix_case_file_sha256"))

    op.drop_table("case_file")
    with op.batch_alter_table("case_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_document_unit_id"))
        batch_op.drop_index(batch_op.f("ix_case_document_step_id"))
        batch_op.drop_index(batch_op.f("ix_case_document_measure_id"))

    op.drop_table("case_document")
    with op.batch_alter_table("case_step", schema=None) as batch_op:
        batch_op.drop_index("ix_case_step_action_at")

    op.drop_table("case_step")
    with op.batch_alter_table("measure_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_measure_person_measure_id"))

    op.drop_table("measure_person")
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_look_person_id"))
        batch_op.drop_index(batch_op.f("ix_look_measure_id"))

    op.drop_table("look")
    with op.batch_alter_table("clock_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clock_key_measure_id"))
        batch_op.drop_index(batch_op.f("ix_clock_key_finding_id"))

    op.drop_table("clock_key")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_finding_draw_id_recheck_draw"), type_="foreignkey")
        batch_op.drop_column("draw_id")
    op.drop_table("recheck_draw")
    with op.batch_alter_table("measure", schema=None) as batch_op:
        batch_op.drop_index("ix_measure_unit_state")
        batch_op.drop_index(batch_op.f("ix_measure_finding_id"))

    op.drop_table("measure")
    op.drop_table("document_sequence")
    op.drop_table("calendar_day")
    op.execute("DELETE FROM finding WHERE submission_id IS NULL")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_finding_merged_into_id_finding"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_finding_rectifier_id_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_finding_verified_by_id_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_finding_rechecker_id_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_finding_opened_by_id_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("ck_finding_level"), type_="check")
        batch_op.drop_index("ix_finding_state_due")
        batch_op.alter_column("submission_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("facts")
        batch_op.drop_column("changed_at")
        batch_op.drop_column("steps")
        batch_op.drop_column("department_answer")
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("opened_by_id")
        batch_op.drop_column("verified_by_id")
        batch_op.drop_column("rechecker_id")
        batch_op.drop_column("rectifier_id")
        batch_op.drop_column("responsible")
        batch_op.drop_column("checked_on_site")
        batch_op.drop_column("on_site")
        batch_op.drop_column("watch_until")
        batch_op.drop_column("handed_on")
        batch_op.drop_column("false_on")
        batch_op.drop_column("reopened_on")
        batch_op.drop_column("reopened")
        batch_op.drop_column("plan_returns")
        batch_op.drop_column("extensions")
        batch_op.drop_column("level")
        batch_op.drop_column("step_due_at")
        batch_op.drop_column("step_due_on")
        batch_op.drop_column("told_on")
        batch_op.drop_column("original_due_on")
        batch_op.drop_column("original_severity")
