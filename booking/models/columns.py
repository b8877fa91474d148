"""The few column shapes that many rows share."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Enum


def words(kind: type[StrEnum]) -> Enum:
    """Return a text column type for these words; the check constraint stands in the table."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=20,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """Return the check that the column holds one of these words."""
    listed = ", ".join(f"'{word.value}'" for word in kind)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
