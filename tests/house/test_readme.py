"""What the README names is there, and what is there stands in the README."""

import re
from pathlib import Path

from flask import Flask

from tests.house.sources import ROOT

PAPERS = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
# Commands that come with Flask and its extensions, and are no promise of ours.
OTHERS = {"db", "routes", "run", "shell"}


def links(paper: str) -> list[str]:
    """Return the files that a paper leads to, pictures included."""
    found = re.findall(r"\]\(([^)#]+)\)", (ROOT / paper).read_text(encoding="utf-8"))
    return [link for link in found if not link.startswith(("http:", "https:", "mailto:"))]


def test_every_link_of_the_papers_leads_somewhere() -> None:
    lost = [f"{paper}: {link}" for paper in PAPERS for link in links(paper) if not (ROOT / link).exists()]
    assert lost == []


def test_the_readme_names_every_setting_that_is_read() -> None:
    read = set(re.findall(r'env\.\w+\("([A-Z_]+)"', Path(ROOT / "config.py").read_text(encoding="utf-8")))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert read
    assert {name for name in read if f"`{name}`" not in readme} == set()


def test_the_readme_names_every_command(app: Flask) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ours = set(app.cli.commands) - OTHERS
    assert ours
    assert {name for name in ours if f"`flask {name}" not in readme} == set()
