"""devices"""

revision = "20261122_devices"
down_revision = "20261122_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
