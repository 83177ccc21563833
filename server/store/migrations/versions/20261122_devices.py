"""Devices that collect, and forms as they open them"""

import sqlalchemy as sa
from alembic import op

from server.store.db import UtcDateTime

revision = "20261122_devices"
down_revision = "20261122_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("drafts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("signed_out_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["phone_key.id"], name=op.f("fk_device_key_id_phone_key")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_device_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("code", name=op.f("uq_device_code")),
        sa.UniqueConstraint("key_id", name=op.f("uq_device_key_id")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_person_id"), ["person_id"], unique=False)
    op.create_table(
        "form_body",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("lists", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["form_version.id"], name=op.f("fk_form_body_version_id_form_version")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_form_body")),
    )
    with op.batch_alter_table("form_body", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_body_version_id"), ["version_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("form_body", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_form_body_version_id"))
    op.drop_table("form_body")
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_person_id"))
    op.drop_table("device")
