"""The closed list of ways out: what an administrator enters for each, and what a person does.

An address is built of these fields, never pasted. No other scheme is spoken to, whatever the
library could do: no files, no desktop, no free addresses.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tiesan.errors import UserError
from tiesan.i18n import _, _l

Fields = Mapping[str, str]

_HOST = (
    r"(?=.{1,253}(?::|$))[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))*"
)
_MAIL = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_PORT = r"[1-9][0-9]{0,4}"
_MOST_PORT = 65_535
_WORD = r"[A-Za-z0-9_-]{1,200}"
TLS, STARTTLS = "tls", "starttls"


@dataclass(frozen=True, slots=True)
class WayField:
    """A field of a way: what it is called, where it is found, and what may stand in it.

    A ``secret`` one is sealed and never shown again; a ``choices`` one is chosen from a list.
    """

    name: str
    label: str
    pattern: str
    hint: str = ""
    secret: bool = False
    default: str = ""
    required: bool = True
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme: its fields, what a person enters to be reached by it, and to whom it speaks.

    ``address`` is None for robots of groups, which reach whoever is in the group.
    """

    name: str
    title: str
    about: str
    hosts: Callable[[Fields], tuple[str, ...]]
    fields: tuple[WayField, ...] = ()
    address: WayField | None = None

    @property
    def is_of_groups(self) -> bool:
        """Whether it speaks to a group and not to one person."""
        return self.address is None


def _fixed(*hosts: str) -> Callable[[Fields], tuple[str, ...]]:
    return lambda _fields: hosts


def _named(fields: Fields) -> tuple[str, ...]:
    return (fields["host"].lower(),)


_MAIL_ADDRESS = WayField("address", _l("Mail address"), _MAIL, _l("For example name@example.cn."))
_SERVER = WayField(
    "host", _l("Mail server"), _HOST,
    _l("The name of the server for outgoing mail, such as smtp.example.cn."),
)  # fmt: skip
_SENDER = WayField(
    "sender", _l("Sender"), _MAIL, _l("The address that mail comes from; nobody answers to it.")
)
SCHEMES: Mapping[str, Scheme] = {
    each.name: each
    for each in (
        Scheme(
            "mailtos", _l("Mail, encrypted"),
            _l("Mail through a mail server with a password, over an encrypted connection."), _named,
            (
                _SERVER,
                WayField("port", _l("Port"), _PORT, _l("465 for TLS, 587 for STARTTLS."),
                         default="465"),
                WayField("mode", _l("Encryption"), f"{TLS}|{STARTTLS}", default=TLS,
                         choices={TLS: "TLS", STARTTLS: "STARTTLS"}),
                WayField("user", _l("User name of the mailbox"), r"[^\s:/]{1,200}",
                         _l("Usually the whole mail address."), required=False),
                WayField("password", _l("Password of the mailbox"), r"[^\s]{1,200}",
                         _l("Many providers want an authorization code (授权码) here, which is made"
                            " in the settings of the mailbox."), secret=True, required=False),
                _SENDER,
            ),
            _MAIL_ADDRESS,
        ),
        Scheme(
            "mailto", _l("Mail, inside the intranet"),
            _l("Mail through a server of one's own network that asks for no password. The"
               " connection is not encrypted."), _named,
            (_SERVER, WayField("port", _l("Port"), _PORT, default="25"), _SENDER),
            _MAIL_ADDRESS,
        ),
        Scheme(
            "wechat", _l("WeCom application"),
            _l("Messages of an application of one's own in WeCom, to persons."),
            _fixed("qyapi.weixin.qq.com"),
            (
                WayField("corpid", _l("Corp ID"), _WORD,
                         _l("WeCom admin console: My Company → Company information, at the end.")),
                WayField("agentid", _l("AgentId"), r"[0-9]{1,20}",
                         _l("WeCom admin console: App management → the application.")),
                WayField("corpsecret", _l("Secret"), _WORD,
                         _l("On the same page, below AgentId. It is sent to the WeCom of the"
                            " administrator."), secret=True),
            ),
            WayField("address", _l("WeCom account"), r"[A-Za-z0-9][A-Za-z0-9_@.-]{0,63}",
                     _l("The account under which you are kept in WeCom; ask the administrator of"
                        " WeCom.")),
        ),
        Scheme(
            "schan", _l("ServerChan"),
            _l("Messages to one's own WeChat through ServerChan; everybody brings their own key."),
            _fixed("sctapi.ftqq.com"), (),
            WayField("address", _l("SendKey"), r"[A-Za-z0-9]{10,100}",
                     _l("Shown at sct.ftqq.com after signing in."), secret=True),
        ),
        Scheme(
            "bark", _l("Bark"),
            _l("Messages to an iPhone through the app Bark; everybody brings their own key."),
            _named,
            (WayField("host", _l("Server of Bark"), _HOST,
                      _l("The public one is api.day.app."), default="api.day.app"),),
            WayField("address", _l("Key of the device"), r"[A-Za-z0-9]{10,100}",
                     _l("In the app Bark, in the address after the name of the server."),
                     secret=True),
        ),
        Scheme(
            "wecombot", _l("WeCom group robot"), _l("Messages to a group in WeCom."),
            _fixed("qyapi.weixin.qq.com"),
            (WayField("key", _l("Key of the robot"), _WORD,
                      _l("In the group: Group settings → Group robots → Add robot. The part of the"
                         " address after “key=”."), secret=True),),
        ),
        Scheme(
            "dingtalk", _l("DingTalk group robot"), _l("Messages to a group in DingTalk."),
            _fixed("oapi.dingtalk.com"),
            (
                WayField("token", _l("Access token"), r"[A-Za-z0-9]{1,200}",
                         _l("In the group: Group settings → Robots → Custom. The part of the"
                            " address after “access_token=”."), secret=True),
                WayField("secret", _l("Signing secret"), r"[A-Za-z0-9]{1,200}",
                         _l("Under security settings choose signing (加签); it begins with SEC."),
                         secret=True),
            ),
        ),
        Scheme(
            "feishu", _l("Feishu group robot"), _l("Messages to a group in Feishu."),
            _fixed("open.feishu.cn"),
            (WayField("token", _l("Token of the robot"), _WORD,
                      _l("In the group: Settings → Group robots → Custom robot. The last part of"
                         " the address. Under security settings choose the keyword 铁山; signing"
                         " is not possible."), secret=True),),
        ),
        Scheme(
            "lark", _l("Lark group robot"), _l("Messages to a group in Lark."),
            _fixed("open.larksuite.com"),
            (WayField("token", _l("Token of the robot"), r"[A-Za-z0-9-]{1,200}",
                      _l("In the group: Settings → Bots → Custom bot. The last part of the address."
                         " Under security settings choose the keyword 铁山; signing is not"
                         " possible."), secret=True),),
        ),
    )
}  # fmt: skip
MAIL = ("mailtos", "mailto")
OF_GROUPS = tuple(name for name, each in SCHEMES.items() if each.is_of_groups)
OF_PERSONS = tuple(name for name, each in SCHEMES.items() if not each.is_of_groups)


class FieldError(UserError):
    """What was entered for one field of a way; ``field`` is its name."""

    def __init__(self, field: str, line: str) -> None:
        """Take the field and what is wrong with it."""
        super().__init__(line)
        self.field = field


def checked_value(field: WayField, given: str) -> str:
    """Return what was entered for a field, without blanks around it.

    Raises FieldError for what cannot stand there; its text does not repeat what was entered.
    """
    value = given.strip() or field.default
    if not value:
        if field.required:
            raise FieldError(field.name, _("This field is required."))
        return ""
    if not re.fullmatch(field.pattern, value, re.ASCII) or _is_no_port(field, value):
        text = _("This cannot be right for “%(label)s”; please look once more where it is found.")
        raise FieldError(field.name, text % {"label": field.label})
    return value


def _is_no_port(field: WayField, value: str) -> bool:
    return field.pattern == _PORT and int(value) > _MOST_PORT


def masked(field: WayField, value: str) -> str:
    """Return what may be shown of an address: enough to know it again, too little to use it."""
    if field.secret:
        return f"…{value[-4:]}"
    name, at, host = value.partition("@")
    return f"{name[:2]}…{at}{host}"
