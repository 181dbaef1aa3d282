"""Which accounts have signed in with a device: the device keeps that itself, signed by us.

So that whoever signs in with another one is told, without a list of anybody's devices here. Who
removes the cookie is told once more.
"""

from datetime import datetime, timedelta

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from tiesan.admin.shell.placing import cookie_path
from tiesan.people.models import Account
from tiesan.people.notifications import Notification
from tiesan.people.services import NEW_DEVICE

COOKIE = "tiesan_device"
_KEPT_FOR = timedelta(days=400)
# Of a device that many share those who signed in last.
_MOST_ACCOUNTS = 30


def note_device(session: Session, account: Account, *, at: datetime) -> None:
    """Tell an account that it was used on a device for the first time, unless it is its first.

    Nothing is flushed: it is stored with what is tracked of the sign-in, or not at all.
    """
    known = _known()
    if account.id in known:
        return
    g.device = [account.id, *known][:_MOST_ACCOUNTS]
    if account.last_login_at is not None or account.login_count:
        session.add(Notification(account_id=account.id, at=at, kind=NEW_DEVICE, details={}))


def remember_device(response: Response) -> Response:
    """Have the device keep which accounts have signed in with it, where that has changed."""
    accounts = g.get("device")
    if accounts is not None:
        response.set_cookie(
            COOKIE,
            str(_serializer().dumps(accounts)),
            max_age=_KEPT_FOR,
            path=cookie_path(),
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
        )
    return response


def _known() -> list[int]:
    """The accounts that the device names; none where nobody of us has signed that."""
    try:
        found = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return []
    return [each for each in found if isinstance(each, int)] if isinstance(found, list) else []


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=COOKIE)
