"""Cells that a spreadsheet shows and never runs."""

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """Return a text as a cell that a spreadsheet takes for words: what begins like a formula gets a quote."""
    shown = text.replace("\0", "")
    runs = shown.startswith(_BEGINS_A_FORMULA) or shown.lstrip().startswith(_BEGINS_A_FORMULA)
    return f"'{shown}" if runs else shown


def quoted_cell(text: str) -> str:
    """Return a text as a cell that `plain_cell` reads back, a quote at its front included."""
    return f"'{text}" if plain_cell(f"'{text}") == text else text


def plain_cell(cell: str) -> str:
    """Return the text of a cell that was kept from being run: the quote at its front goes."""
    quoted = cell.startswith("'") and safe_cell(cell.lstrip("'")) != cell.lstrip("'")
    return cell[1:] if quoted else cell
