"""messages"""

revision = "20261122_messages"
down_revision = "20261122_cases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
