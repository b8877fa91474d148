"""The least that a page with one SQL statement can cost here: what the list of sessions is compared with."""

import os

from flask import Flask
from sqlalchemy import create_engine, text

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"])


@app.get("/")
def page() -> str:
    with engine.connect() as connection:
        number = connection.execute(text("SELECT count(*) FROM programme")).scalar_one()
    return f"<!doctype html><title>Bare</title><p>{number}</p>"
