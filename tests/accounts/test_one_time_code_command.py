"""A newcomer who has no authenticator app at hand asks a command, in development only."""

from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import SecondFactor
from tests.support.builders import Builders
from tests.support.pages import rows, send, words


def ask(app: Flask, address: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["one-time-code", address])
    return done.exit_code, done.output + str(done.exception or "")


def test_it_says_the_code_that_sets_the_app_up_and_shows_it(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ada = make.admin()
    make.second_factor(ada, confirmed=False)
    make.sign_in(client, ada, second_factor=False)
    exit_code, said = ask(app, "Ada@example.org")
    assert exit_code == 0
    assert said.split("setup key: ")[1][:39] in words(client.get("/me/second-factor"))
    answer = send(client, "/me/second-factor", code=said.split("Code now: ")[1].strip())
    assert "Your app is set up" in words(answer)
    assert client.get("/office").status_code == 200


def test_somebody_whose_app_was_reset_gets_in_without_a_phone(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.sign_in(client, make.admin("Gil"), second_factor=False)
    before = words(client.get("/me/second-factor"))
    said = ask(app, "gil@example.org")[1]
    key, code = said.split("setup key: ")[1][:39], said.split("Code now: ")[1].strip()
    assert key not in before
    assert key in words(client.get("/me/second-factor"))
    assert key in ask(app, "gil@example.org")[1]
    assert "Your app is set up" in words(send(client, "/me/second-factor", code=code))


def test_it_names_each_of_several_people(app: Flask, make: Builders) -> None:
    for person in (make.admin(), make.admin("Gil", email="ada@example.org")):
        make.second_factor(person)
    assert ask(app, "ada@example.org")[1].count("Code now: ") == 2


def test_without_an_app_it_says_so(app: Flask, make: Builders) -> None:
    make.person("Ann")
    for address in ("ann@example.org", "nobody@example.org"):
        exit_code, said = ask(app, address)
        assert exit_code == 1
        assert "Nobody with this address has an authenticator app" in said
    assert rows(app, select(SecondFactor.id)) == []


def test_in_production_it_says_nothing(app: Flask, make: Builders) -> None:
    make.second_factor(make.admin())
    app.extensions["booking.settings"] = replace(app.extensions["booking.settings"], app_env="production")
    make.admin("Gil")
    for address in ("ada@example.org", "gil@example.org"):
        exit_code, said = ask(app, address)
        assert exit_code == 1
        assert "does not work in production" in said
    assert len(rows(app, select(SecondFactor.id))) == 1
    assert "Code now" not in said
