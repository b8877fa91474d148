"""Shares of a whole, as people read them in a report."""


def percent(part: int, whole: int) -> int | None:
    """Return a share in whole percent, halves rounded up; of nothing there is no share.

    Units: 0 to 100 when the part lies within the whole.
    """
    if whole <= 0:
        return None
    # Whole numbers all the way: a float would round 0.5 to the even neighbour.
    return (200 * part + whole) // (2 * whole)
