"""One's account: names, roles, sign-ins and sessions, addresses, what was chosen, deputies."""

from collections.abc import Iterator

from sqlalchemy import or_, select

from tiesan.i18n import _
from tiesan.notifications.choices import NotificationChoice, NotificationLanguage
from tiesan.notifications.kinds import KINDS
from tiesan.notifications.sending.models import Way, WayAddress
from tiesan.people.codes import OneTimeSecret, RecoveryCode
from tiesan.people.deputies import Deputy
from tiesan.people.invitations import Invitation
from tiesan.people.models import ROLE_TITLES, Account, Grant, Role
from tiesan.people.pauses import SignInAttempt, door_of
from tiesan.people.phrases import Phrase
from tiesan.people.sessions import AccountSession
from tiesan.privacy.own.sections import Own, Row, Section, plain
from tiesan.records.kinds import table_of

_ACCOUNT, _GRANT, _ROLE = table_of(Account), table_of(Grant), table_of(Role)
_TRY, _PHRASE, _DEPUTY = table_of(SignInAttempt), table_of(Phrase), table_of(Deputy)
_SESSION, _LINK = table_of(AccountSession), table_of(Invitation)
_SECRET, _SPARE = table_of(OneTimeSecret), table_of(RecoveryCode)
_ADDRESS, _WAY = table_of(WayAddress), table_of(Way)
_CHOICE, _LANGUAGE = table_of(NotificationChoice), table_of(NotificationLanguage)


def of_account(own: Own) -> Iterator[Section]:
    """Yield what is kept of the account itself; of the password there is a hash, given to nobody.

    The same of a cadre without an account is nothing.
    """
    own.own("account", {own.account_id})
    yield _account(own)
    yield _roles(own)
    yield _sign_ins(own)
    yield _sessions(own)
    yield _invitations(own)
    yield _codes(own)
    yield _addresses(own)
    yield _chosen(own)
    yield _phrases(own)
    yield _deputies(own)


def _account(own: Own) -> Section:
    columns = {
        "username": _("User name"),
        "email": _("Email"),
        "active": _("May sign in"),
        "created_at": _("Created"),
        "last_login_at": _("Signed in before that"),
        "last_login_ip": _("From which address then"),
        "current_login_at": _("Signed in last"),
        "current_login_ip": _("From which address"),
        "login_count": _("How often"),
    }
    chosen = select(*(_ACCOUNT.c[name] for name in columns))
    row = own.session.execute(chosen.where(_ACCOUNT.c.id == own.account_id)).mappings().one()
    values = {name: plain(value) for name, value in row.items()}
    return Section("account", _("Account"), columns, [values])


def _roles(own: Own) -> Section:
    granted = select(_ROLE.c.name, _GRANT.c.organization_id).join(
        _GRANT, _GRANT.c.role_id == _ROLE.c.id
    )
    found = own.session.execute(granted.where(_GRANT.c.account_id == own.account_id))
    rows: list[Row] = [
        {
            "role": str(ROLE_TITLES[name]),
            "place": _("everywhere") if place is None else own.places[place],
        }
        for name, place in found
    ]
    columns = {"role": _("Role"), "place": _("Organization")}
    return Section("roles", _("Roles"), columns, sorted(rows, key=lambda row: (*row.values(),)))


def _sign_ins(own: Own) -> Section:
    account = own.session.get_one(Account, own.account_id)
    mine = select(_TRY.c.at, _TRY.c.address, _TRY.c.right).order_by(_TRY.c.id)
    door = door_of(account, account.username, "")
    found = own.session.execute(mine.where(_TRY.c.who == door.who))
    rows = [{"at": plain(at), "address": address, "right": right} for at, address, right in found]
    columns = {"at": _("Time"), "address": _("From which address"), "right": _("Password right")}
    return Section("sign_ins", _("Attempts to sign in"), columns, rows)


def _sessions(own: Own) -> Section:
    """Sessions; of what tells one from others there is a hash, which is given to nobody."""
    columns = {
        "started_at": _("Signed in"),
        "seen_at": _("Last seen"),
        "ended_at": _("Ended"),
        "address": _("From which address"),
        "browser": _("Browser"),
        "system": _("System"),
    }
    mine = select(*(_SESSION.c[name] for name in columns))
    mine = mine.where(_SESSION.c.account_id == own.account_id).order_by(_SESSION.c.id)
    found = own.session.execute(mine).mappings()
    rows = [{name: plain(value) for name, value in row.items()} for row in found]
    return Section("sessions", _("Sessions"), columns, rows)


def _invitations(own: Own) -> Section:
    """Links by which the account was given a password; of a link there is a hash."""
    columns = {
        "made_at": _("Made"),
        "by": _("By"),
        "used_at": _("Used"),
        "voided_at": _("Void since"),
    }
    mine = select(_LINK).where(_LINK.c.account_id == own.account_id).order_by(_LINK.c.id)
    rows = [
        {
            "made_at": plain(row.made_at),
            "by": own.by(row.made_by_id) if row.made_by_id else "",
            "used_at": plain(row.used_at),
            "voided_at": plain(row.voided_at),
        }
        for row in own.session.execute(mine)
    ]
    return Section("invitations", _("Links to set a password"), columns, rows)


def _codes(own: Own) -> Section:
    """Since when one-time codes are asked for, and when recovery codes were taken; no secret."""
    columns = {"what": _("What"), "made_at": _("Made"), "at": _("Confirmed or used")}
    secret = select(_SECRET.c.made_at, _SECRET.c.confirmed_at)
    mine = own.session.execute(secret.where(_SECRET.c.account_id == own.account_id))
    rows: list[Row] = [
        {"what": _("One-time codes"), "made_at": plain(made), "at": plain(confirmed)}
        for made, confirmed in mine
    ]
    spare = select(_SPARE.c.used_at).where(_SPARE.c.account_id == own.account_id)
    rows += [
        {"what": _("Recovery code"), "made_at": None, "at": plain(used)}
        for used in own.session.scalars(spare.order_by(_SPARE.c.id))
    ]
    return Section("codes", _("One-time codes"), columns, rows)


def _addresses(own: Own) -> Section:
    mine = (
        select(_ADDRESS.c.id, _WAY.c.title, _ADDRESS.c.masked, _ADDRESS.c.entered_at,
               _ADDRESS.c.confirmed_at)
        .join(_WAY, _WAY.c.id == _ADDRESS.c.way_id)
        .where(_ADDRESS.c.account_id == own.account_id)
        .order_by(_ADDRESS.c.id)
    )  # fmt: skip
    found = own.session.execute(mine).all()
    own.own("way_address", {row_id for row_id, *_rest in found})
    columns = {
        "way": _("By which way"),
        "address": _("Address, as far as it may be shown"),
        "entered_at": _("Entered"),
        "confirmed_at": _("Confirmed"),
    }
    rows = [
        dict(zip(columns, (title, masked, plain(at), plain(confirmed)), strict=True))
        for _id, title, masked, at, confirmed in found
    ]
    return Section("addresses", _("How I am reached"), columns, rows)


def _chosen(own: Own) -> Section:
    mine = _CHOICE.c.account_id == own.account_id
    chosen = select(_CHOICE.c.kind, _CHOICE.c.leaves).where(mine).order_by(_CHOICE.c.kind)
    rows: list[Row] = [
        {"what": str(KINDS[kind].title) if kind in KINDS else kind, "value": leaves}
        for kind, leaves in own.session.execute(chosen)
    ]
    spoken = select(_LANGUAGE.c.language).where(_LANGUAGE.c.account_id == own.account_id)
    rows += [{"what": _("Language"), "value": each} for each in own.session.scalars(spoken)]
    columns = {"what": _("What"), "value": _("Chosen")}
    return Section("chosen", _("What I have chosen"), columns, rows)


def _phrases(own: Own) -> Section:
    mine = select(_PHRASE.c.text, _PHRASE.c.kept_at).where(_PHRASE.c.account_id == own.account_id)
    found = own.session.execute(mine.order_by(_PHRASE.c.id))
    rows = [{"text": text, "kept_at": plain(at)} for text, at in found]
    columns = {"text": _("Text"), "kept_at": _("Kept since")}
    return Section("phrases", _("Own phrases"), columns, rows)


def _deputies(own: Own) -> Section:
    mine = or_(_DEPUTY.c.giver_id == own.account_id, _DEPUTY.c.account_id == own.account_id)
    columns = {
        "of": _("Deputy of"),
        "deputy": _("Deputy"),
        "first_day": _("First day"),
        "last_day": _("Last day"),
        "ended_on": _("Ended"),
    }
    found = own.session.execute(select(_DEPUTY).where(mine).order_by(_DEPUTY.c.id)).all()
    own.own("deputy", {each.id for each in found})
    rows = [
        {
            "of": own.by(each.giver_id),
            "deputy": own.by(each.account_id),
            "first_day": plain(each.first_day),
            "last_day": plain(each.last_day),
            "ended_on": plain(each.ended_on),
        }
        for each in found
    ]
    return Section("deputies", _("Deputies"), columns, rows)
