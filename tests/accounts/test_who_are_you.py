"""Two of one name at one address can tell which of them is meant."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.support.builders import Builders
from tests.support.pages import send, words


def test_two_of_one_name_are_told_apart(
    client: FlaskClient, make: Builders, newest_link: Callable[..., str]
) -> None:
    make.person("Ann", full_name="Ann Smith")
    make.person("Ann", full_name="Ann Jones")
    send(client, "/sign-in", email="ann@example.org")
    page = words(client.get(newest_link()))
    assert "Ann S." in page
    assert "Ann J." in page
