"""The ways in which a verb is refused; each has the status that the pages answer with."""

from typing import ClassVar

from tiesan.errors import UserError
from tiesan.i18n import _


class CourseError(UserError):
    """A verb that was not carried out; the sentence says why, in the person's language."""

    status: ClassVar[int]

    @property
    def sentence(self) -> str:
        """Why, in one sentence."""
        return self.lines[0]


class NotThere(CourseError):  # noqa: N818 - it says what became of the request
    """There is no such row, or none that the actor may see."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("This does not exist, or it is not for you to see."))


class Refused(CourseError):  # noqa: N818 - as above
    """The person, the state or a gate does not allow it; ``clause`` is what that stands on."""

    status = 409

    def __init__(self, sentence: str, clause: str = "", *, told: bool = True) -> None:
        """Take the sentence, the clause if there is one, and whether a page tells it unasked."""
        self.clause, self.told = clause, told
        super().__init__(sentence)


class Wrong(CourseError):  # noqa: N818 - as above
    """Something that must be given is missing or wrong: the name of the field, and what it is."""

    status = 422

    def __init__(self, field: str, sentence: str, beside: str = "") -> None:
        """Take the field that the form sends, and the sentence.

        ``beside`` is what is said beside the field's input, where the sentence names the field.
        """
        self.field, self.beside = field, beside or sentence
        super().__init__(sentence)


class Changed(CourseError):  # noqa: N818 - as above
    """What the actor saw is not so any more."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Somebody was faster, or something was added since you looked. "
              "Nothing was done; look at it again.")
        )  # fmt: skip
