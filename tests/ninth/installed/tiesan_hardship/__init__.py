"""Aid to workers in hardship (困难职工帮扶): cases, and the visits paid to them."""

from pathlib import Path

from tiesan.i18n import _l
from tiesan.plugin import Plugin
from tiesan_hardship.answers import answers
from tiesan_hardship.facts import derivations
from tiesan_hardship.models import HardshipCase, HardshipVisit

_HERE = Path(__file__).parent

plugin = Plugin(
    name="hardship",
    title=_l("Aid to workers in hardship"),
    contract=1,
    records=(HardshipCase, HardshipVisit),
    derivations=derivations,
    answers=answers,
    views="tiesan_hardship.views",
    rules=_HERE / "rules.yaml",
    migrations=_HERE / "migrations",
    translations=_HERE / "translations",
    demo="tiesan_hardship.demo:write_demo",
    home="tiesan_hardship.home",
)
