"""Cells that a spreadsheet shows and never runs."""

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """Return a text as a cell that a spreadsheet takes for words: what begins like a formula gets a quote."""
    shown = text.replace("\0", "")
    runs = shown.startswith(_BEGINS_A_FORMULA) or shown.lstrip().startswith(_BEGINS_A_FORMULA)
    return f"'{shown}" if runs else shown
