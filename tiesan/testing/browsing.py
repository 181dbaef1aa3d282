"""A person at the application, over Flask's client."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tiesan.clock import now
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
    if username not in (None, "stranger"):
        with somebody.client.session_transaction() as session:
            session.update(_user_id=username, _fresh=True, fs_paa=now().timestamp())
    return somebody


def messages(page: TestResponse) -> list[str]:
    """The messages of a page, without markup."""
    # What stands in a template is not shown.
    shown = _TEMPLATE.sub("", page.text)
    return [" ".join(_TAG.sub(" ", found).split()) for found in _MESSAGE.findall(shown)]
