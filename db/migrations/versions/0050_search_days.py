"""Where in the search index the pages of a day lie"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0040"
branch_labels = None
depends_on = None

_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_days",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("first_id", _COUNT, nullable=False),
        sa.Column("last_id", _COUNT, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_search_days"),
    )
    op.execute(
        "INSERT INTO search_days SELECT substr(j.started_at, 1, 10), min(p.id), max(p.id) "
        "FROM search_pages p JOIN ocr_jobs j ON j.id = p.job_id GROUP BY substr(j.started_at, 1, 10)"
    )


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")
