"""Where the groups of the sample season meet, and what somebody asks who is not steady on her feet."""

from dataclasses import dataclass

FACTS = ("step_free", "hearing_loop", "parking", "toilets", "quiet_corner")
_ANSWERS = {"y": "yes", "n": "no", "?": "not_known"}


@dataclass(frozen=True, slots=True)
class Place:
    """A venue; `answers` holds one letter for each of the facts: y, n, or ? where nobody has looked."""

    address: str
    directions: str
    answers: str
    # As the list of places calls it: "Newcastle" alone may be any of three.
    town: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """Return the answers by fact."""
        return {fact: _ANSWERS[answer] for fact, answer in zip(FACTS, self.answers, strict=True)}


UNKNOWN = Place("", "", "?????")
PLACES = {
    "Friends' Meeting House, Manchester": Place(
        "1 Example Street, Manchester",
        "The tram stops two minutes away. Ring the bell.",
        "yynyy",
        "Manchester",
    ),
    "Community room, Belfast": Place(
        "2 Example Street, Belfast", "On the ground floor, behind the library.", "y?yy?", "Belfast"
    ),
    "City meeting room, Edinburgh": Place(
        "3 Example Street, Edinburgh",
        "From the tram, cross at the lights and take the lift.",
        "yynyn",
        "Edinburgh",
    ),
    "Community arts centre, Glasgow": Place(
        "4 Example Street, Glasgow", "Through the main door, first on the left.", "yyyyy", "Glasgow"
    ),
    "Library room, Leeds": Place("5 Example Street, Leeds", "Ask at the desk.", "y?nyy", "Leeds"),
    "Café back room, Newcastle": Place(
        "6 Example Street, Newcastle",
        "Past the counter; the door says Reserved.",
        "n?nyn",
        "Newcastle upon Tyne",
    ),
    "Garden centre café, London": Place(
        "7 Example Road, London", "The bus stops at the gate. The café is at the far end.", "y?yyn", "London"
    ),
    "Church hall, Cardiff": Place("8 Example Road, Cardiff", "Use the side door.", "yyyy?", "Cardiff"),
    "Hotel lounge, Carlisle": Place(
        "9 Example Road, Carlisle", "Behind reception, on the left.", "ynyyy", "Carlisle"
    ),
    "Community hall, Glasgow": Place("10 Example Road, Glasgow", "Beside the park.", "y?yyn", "Glasgow"),
    "Library hall, Glasgow": Place(
        "11 Example Road, Glasgow", "The lift is by the entrance.", "yyn??", "Glasgow"
    ),
    "Leisure centre, Manchester": Place(
        "12 Example Road, Manchester", "Studio 2, beyond the pool.", "y?yyn", "Manchester"
    ),
}
