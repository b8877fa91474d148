"""Only clock.py reads the clock, only services open transactions, and everything fits in the head."""

import pytest

from tests.house.habits import clock_problems, method_problems, size_problems, transaction_problems
from tests.house.sources import ROOT, house, module


def test_only_the_clock_reads_the_clock() -> None:
    assert clock_problems(house()) == []


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import datetime\nx = datetime.now(UTC)",
        "import datetime\nx = datetime.date.today()",
        "import time\nx = time.time()",
        "from time import time",
        "x = default_factory(datetime.utcnow)",
        "x = func.now()",
        "x = text('SELECT CURRENT_TIMESTAMP')",
        "x = text(\"SELECT datetime('now')\")",
    ],
)
def test_another_reader_of_the_clock_is_named(line: str) -> None:
    assert clock_problems([module("booking.services.people", line)]) != []


def test_every_page_asks_whether_a_form_was_sent() -> None:
    assert method_problems(house()) == []
    asks = 'if request.method == "GET":\n    pass'
    assert method_problems([module("booking.web.pages.views", asks)]) != []


def test_only_services_open_transactions_and_each_public_call_opens_one() -> None:
    assert transaction_problems(house()) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("booking.web.office.people", "def add():\n    with transaction():\n        pass"),
        ("booking.queries.people", "def add():\n    with db.transaction():\n        pass"),
        ("booking.services.steps.locks", "def add():\n    with transaction():\n        pass"),
        (
            "booking.services.people",
            "def _add():\n  with transaction(): pass\ndef add():\n  _add()\n  _add()",
        ),
        ("booking.services.people", "def add():\n  for _ in x:\n    with transaction(): pass"),
        ("booking.services.people", "def add():\n  with transaction(): pass\n  with transaction(): pass"),
        ("booking.services.people", "def add():\n    db.session.commit()"),
    ],
)
def test_a_transaction_in_the_wrong_place_is_named(name: str, source: str) -> None:
    assert transaction_problems([module(name, source)]) != []


def test_every_function_and_every_file_fits_in_the_head() -> None:
    assert size_problems(house("booking", "config.py", "wsgi.py", "deploy", "tests")) == []


def test_every_template_fits_in_the_head() -> None:
    sizes = {path: len(path.read_text().splitlines()) for path in (ROOT / "templates").rglob("*.*")}
    assert [str(path) for path, lines in sizes.items() if lines > 400] == []


def test_what_is_too_long_is_named() -> None:
    long = "def tell():\n" + "    pass\n" * 50
    usual = "def tell():\n" + "    pass\n" * 40
    assert size_problems([module("a", long)]) == [
        "a:tell has 51 lines",
        "only 0 of 1 functions have 35 lines or fewer",
    ]
    assert len(size_problems([module("a", usual)])) == 1
    assert size_problems([module("a", "x = 1\n" * 401)]) == ["a has 401 lines"]
