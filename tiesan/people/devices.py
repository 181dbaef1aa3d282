"""With what somebody has signed in, told from the words by which a browser calls itself.

It is for people to recognize their own devices by; nothing is allowed or refused by it but to tick
that a phone is one's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tiesan.i18n import _l

OTHER = "other"
ADDRESS_LENGTH = 64

# The first word that is found counts: many browsers name those that they descend from as well.
_BROWSERS: Mapping[str, str] = {
    "wxwork": "wecom",
    "MicroMessenger": "wechat",
    "DingTalk": "dingtalk",
    "HuaweiBrowser": "huawei",
    "MiuiBrowser": "xiaomi",
    "QQBrowser": "qq",
    "UCBrowser": "uc",
    "Edg": "edge",
    "OPR": "opera",
    "Firefox": "firefox",
    "FxiOS": "firefox",
    "CriOS": "chrome",
    "Chrome": "chrome",
    "Safari": "safari",
}
_SYSTEMS: Mapping[str, str] = {
    "iPhone": "iphone",
    "iPad": "ipad",
    "OpenHarmony": "harmony",
    "HarmonyOS": "harmony",
    "Android": "android",
    "Windows": "windows",
    "Macintosh": "mac",
    "Linux": "linux",
}
_PHONES = frozenset({"iphone", "android", "harmony"})

BROWSER_TITLES: Mapping[str, str] = {
    "wecom": _l("WeCom"),
    "wechat": _l("WeChat"),
    "dingtalk": _l("DingTalk"),
    "huawei": _l("Huawei Browser"),
    "xiaomi": _l("Xiaomi Browser"),
    "qq": _l("QQ Browser"),
    "uc": _l("UC Browser"),
    "edge": "Edge",
    "opera": "Opera",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    OTHER: _l("Another browser"),
}
SYSTEM_TITLES: Mapping[str, str] = {
    "iphone": "iPhone",
    "ipad": "iPad",
    "harmony": "HarmonyOS",
    "android": "Android",
    "windows": "Windows",
    "mac": "Mac",
    "linux": "Linux",
    OTHER: _l("another system"),
}


@dataclass(frozen=True, slots=True)
class Device:
    """A browser on a system, by words that are the same in every language, at an address."""

    browser: str = OTHER
    system: str = OTHER
    address: str = ""
    is_phone: bool = False


def device_of(user_agent: str, address: str) -> Device:
    """Return the device that calls itself so, at an address of the network."""
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    is_phone = system in _PHONES and "Mobile" in user_agent
    return Device(browser, system, address[:ADDRESS_LENGTH], is_phone)


def device_words(browser: str, system: str) -> str:
    """Return a device in words, in the reader's language."""
    named = BROWSER_TITLES.get(browser, BROWSER_TITLES[OTHER])
    return f"{named} · {SYSTEM_TITLES.get(system, SYSTEM_TITLES[OTHER])}"


def _first(words: Mapping[str, str], text: str) -> str:
    return next((name for word, name in words.items() if word in text), OTHER)
