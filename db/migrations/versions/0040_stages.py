"""How far a submission is on its way through the queues of several machines"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submissions", sa.Column("stage", sa.String(32)))
    op.add_column("submissions", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    raise NotImplementedError("an append-only log is never taken back to an older form")
