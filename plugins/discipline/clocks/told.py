"""The columns of a file that nobody knows, as somebody tells them once, under a name."""

from collections.abc import Mapping

from plugins.discipline.clocks.presets import Preset
from tiesan.errors import UserError
from tiesan.i18n import _, _l
from tiesan.records.imports.values import Values

# What is asked of the headings of such a file.
COLUMNS: Mapping[str, str] = {
    "person": _l("Name"),
    "number": _l("Number or code of the person"),
    "day": _l("Day (none where the time says it)"),
    "moment": _l("Time of a punch (a row per punch)"),
    "came": _l("Came (a row per day)"),
    "went": _l("Went (a row per day)"),
}


def check_told(told: Values) -> None:
    """Raise UserError unless what was told says who, which day, and when."""
    given = {name for name in COLUMNS if told.get(name)}
    wrong = []
    if not given & {"person", "number"}:
        wrong.append(_("Say in which column the person stands: by name or by number."))
    if bool(given & {"came", "went"}) == ("moment" in given):
        wrong.append(_("Say either where the time of a punch stands, or where coming and going."))
    if given & {"came", "went"} and "day" not in given:
        wrong.append(_("Say in which column the day stands."))
    chosen = [told[name] for name in given]
    if len(set(chosen)) < len(chosen):
        wrong.append(_("Each column can say one thing only."))
    if wrong:
        raise UserError(wrong)


def preset_of(told: Values) -> Preset:
    """The preset that was told; its ``name`` is that under which it is kept."""
    given = {name: str(told.get(name) or "") for name in COLUMNS}
    return Preset(
        name=f"own:{told['name']}",
        source=f"own:{told['name']}",
        needs=tuple(value for value in given.values() if value),
        day=given["day"],
        numbers=tuple(filter(None, [given["number"]])),
        person=given["person"],
        moment=given["moment"],
        came=given["came"],
        went=given["went"],
        group="",
    )
