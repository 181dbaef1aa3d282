"""Flask-Admin alone over a table of the same size as ours: a list, and a form that stores.

No scope, no roles, no evaluation, no trail, English only: what it takes is the floor of any page
that is made with the same libraries.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_admin.theme import Bootstrap4Theme
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.bench.databases import sqlite_url


class _Base(DeclarativeBase):
    pass


_DB = SQLAlchemy(model_class=_Base)


class Claim(_Base):
    """An expense without anything around it."""

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    cadre: Mapped[str]
    payee: Mapped[str]
    item: Mapped[str | None]
    amount: Mapped[int]
    spent_on: Mapped[date | None]
    requested_on: Mapped[date | None]
    reimbursed_on: Mapped[date | None]
    receipt: Mapped[bool]


class _ClaimView(ModelView):  # type: ignore[misc] # Flask-Admin carries no types.
    page_size = 25
    can_view_details = True
    column_default_sort = ("id", True)


@contextmanager
def bare(file: Path, rows: int) -> Iterator[Flask]:
    """The application on a new SQLite file with so many rows."""
    app = Flask("bare")
    app.secret_key = "bare"
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url(file)
    _DB.init_app(app)
    with app.app_context():
        engine = _DB.engine
    _Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(Claim), [_claim(number) for number in range(rows)])
    Babel(app)
    admin = Admin(app, theme=Bootstrap4Theme())
    admin.add_view(_ClaimView(Claim, _DB, endpoint="claim"))
    yield app
    engine.dispose()


def _claim(number: int) -> dict[str, object]:
    day = date(2026, 1, 1 + number % 28)
    return {
        "cadre": f"G{number % 1100:04}",
        "payee": "红旗饭店",
        "item": "会议材料印刷",
        "amount": number,
        "spent_on": day,
        "requested_on": day,
        "reimbursed_on": day,
        "receipt": True,
    }


def sent(number: int) -> dict[str, object]:
    """What its form sends."""
    return {name: value for name, value in _claim(number).items() if name != "receipt"}
