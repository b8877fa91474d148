"""Which wording people agree to today; the words stand in templates/wordings/<purpose>/<version>.html."""

# A new text is a new file and a new version here; a text that anybody has agreed to never changes.
CURRENT = {
    "keep_details": "2026-12",
    "ground_rules": "2026-11",
    "photos": "2026-11",
    "movement": "2026-11",
    "equality": "2026-11",
    "news": "2026-11",
}


def current_version(purpose: str) -> str:
    """Return the version of a purpose's wording that is shown today."""
    return CURRENT[purpose]


def template_of(purpose: str, version: str) -> str:
    """Return the name of the template that holds one version of a wording."""
    return f"wordings/{purpose}/{version}.html"
