"""A person at the application, over Flask's client."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.people.models import Account, Cadre
from tiesan.people.sessions import AccountSession, digest_of, new_token
from tiesan.testing.world import PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_SEEN = re.compile(r'name="seen"[^>]*value="([^"]+)"')
_ONCE = re.compile(r'name="once"[^>]*value="([^"]+)"')
_MESSAGE = re.compile(r'<div class="message[^>]*>(.*?)</div>', re.DOTALL)
_TEMPLATE = re.compile(r"<template.*?</template>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@dataclass
class Person:
    """Somebody with a browser, who may have signed in."""

    client: FlaskClient

    def get(self, address: str) -> TestResponse:
        """Open an address and read the answer to its end."""
        answer = self.client.get(address)
        answer.get_data()
        answer.close()
        for value in answer.headers.values():
            # A server refuses to send any other.
            value.encode("latin-1")
        return answer

    def send(
        self, address: str, given: Mapping[str, object] | None = None, *, form: str = ""
    ) -> TestResponse:
        """Open a page with a form (``form``, by default the address) and send it elsewhere."""
        return self.client.post(address, data=self.filled(form or address, given))

    def filled(self, form: str, given: Mapping[str, object] | None = None) -> dict[str, object]:
        """Open a page with a form and return what it sends: its hidden inputs and what is given."""
        page = self.client.get(form)
        token = _TOKEN.search(page.text)
        assert token is not None, page.text
        hidden = {"csrf_token": token.group(1)}
        if (seen := _SEEN.search(page.text)) is not None:
            hidden["seen"] = seen.group(1)
        if (once := _ONCE.search(page.text)) is not None:
            hidden["once"] = once.group(1)
        return {**hidden, **(given or {})}

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        """Sign in by the form."""
        return self.send("/login", {"identity": username, "password": password})


def person(app: Flask, username: str | None = None) -> Person:
    """Somebody new, signed in if named (without the form, whose hashing takes its time)."""
    somebody = Person(app.test_client())
    if username is not None and username != "stranger":
        with somebody.client.session_transaction() as session:
            session.update(signed_in(app, username))
    return somebody


def signed_in(app: Flask, kept: str) -> dict[str, object]:
    """Begin a session of an account, by what sessions keep of it; return what a browser keeps."""
    token = new_token()
    account = select(Account.id).where(Account.fs_uniquifier == kept).scalar_subquery()
    last = select(Cadre.left_on).join(Account.cadre).where(Account.fs_uniquifier == kept)
    values = {"browser": "other", "system": "other", "own_phone": False}
    with app.app_context(), db.engine.begin() as connection:
        left_on = connection.scalar(last)
        values["had_left"] = left_on is not None and left_on <= today()
        connection.execute(
            insert(AccountSession).values(
                account_id=account, token_digest=digest_of(token), started_at=now(), seen_at=now(),
                address="127.0.0.1", **values,
            )
        )  # fmt: skip
    return {"_user_id": kept, "_fresh": True, "token": token}


def messages(page: TestResponse) -> list[str]:
    """The messages of a page, without markup."""
    # What stands in a template is not shown.
    shown = _TEMPLATE.sub("", page.text)
    return [" ".join(_TAG.sub(" ", found).split()) for found in _MESSAGE.findall(shown)]
