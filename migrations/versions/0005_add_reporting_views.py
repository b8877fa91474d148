"""Add the reporting views: read-only and stable whatever the tables are called."""

from collections.abc import Sequence

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# PostgreSQL lets nobody write through a view that begins with WITH, and looks through it when it reads;
# a plain SELECT from one table would be a second door into that table.

V_PERSON = """
CREATE VIEW v_person AS
WITH kept AS (SELECT id, status FROM person)
SELECT p.id,
       (SELECT c.written FROM contact_point c
         WHERE c.person_id = p.id AND c.kind = 'email'
         ORDER BY c.is_preferred DESC, c.id LIMIT 1) AS email,
       p.status,
       EXISTS (SELECT 1 FROM person_role r
                WHERE r.person_id = p.id AND r.role = 'facilitator') AS is_facilitator,
       EXISTS (SELECT 1 FROM person_role r
                WHERE r.person_id = p.id AND r.role = 'admin') AS is_admin
  FROM kept p
"""

V_SESSION = """
CREATE VIEW v_session AS
SELECT s.id,
       e.key AS series_key,
       COALESCE(NULLIF(s.own_title, ''), e.title) AS title,
       s.starts_at AS starts_utc,
       s.ends_at AS ends_utc,
       s.state,
       s.places_room,
       s.places_online
  FROM scheduled_session s
  JOIN series e ON e.id = s.series_id
"""

V_BOOKING = """
CREATE VIEW v_booking AS
WITH kept AS (
    SELECT id, session_id, person_id, pool, state, party_size, attendance, created_at AS created_utc
      FROM booking
)
SELECT id, session_id, person_id, pool, state, party_size, attendance, created_utc
  FROM kept
"""

V_MESSAGE = """
CREATE VIEW v_message AS
WITH kept AS (
    SELECT id, kind, person_id, recipient, channel, state, dedupe_key, attempts,
           due_at AS due_utc, sent_at AS sent_utc
      FROM message
)
SELECT id, kind, person_id, recipient, channel, state, dedupe_key, attempts, due_utc, sent_utc
  FROM kept
"""

V_AUDIT = """
CREATE VIEW v_audit AS
WITH kept AS (
    SELECT id, at AS at_utc, actor_id, action, subject
      FROM audit_entry
)
SELECT id, at_utc, actor_id, action, subject
  FROM kept
"""


def upgrade() -> None:
    """Create the views."""
    for view in (V_PERSON, V_SESSION, V_BOOKING, V_MESSAGE, V_AUDIT):
        op.execute(view)


def downgrade() -> None:
    """Drop the views."""
    for name in ("v_audit", "v_message", "v_booking", "v_session", "v_person"):
        op.execute(f"DROP VIEW {name}")
