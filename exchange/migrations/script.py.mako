"""${message[:1].upper() + message[1:]} (revision ${up_revision}, after ${down_revision or "nothing"})."""

import sqlalchemy as sa
from alembic import op
${imports + "\n" if imports else ""}\

revision = "${up_revision}"
down_revision = ${'"' + down_revision + '"' if down_revision else None}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
