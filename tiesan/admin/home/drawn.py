"""Sections of the first page as they were drawn, for as long as nothing is written.

To ask anew what somebody can do next, and to draw it, takes longer than all else on the page, which
is opened more often than any other. What differs from one drawing to the next without anything
having been written is taken out of what is kept, and put in anew each time: the token that tells
forms of ours from others, and the number of each form, by which one that is sent twice is known.
"""

import re

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from tiesan.admin.forms.inputs import ONCE
from tiesan.admin.forms.sending import new_once

# No text has them: what is typed is stored without such signs.
_TOKEN, _NUMBER = "\x00token\x00", "\x00number\x00"
_NUMBERS = re.compile(f'(name="{ONCE}" value=")[^"]+')


def to_be_kept(section: str) -> str:
    """Return a section that this request has drawn, without what is of this request alone."""
    return _NUMBERS.sub(rf"\g<1>{_NUMBER}", section.replace(generate_csrf(), _TOKEN))


def as_of_now(kept: str) -> Markup:
    """Return such a section for this request."""
    first, *rest = kept.replace(_TOKEN, generate_csrf()).split(_NUMBER)
    # It was escaped when it was drawn.
    return Markup("".join([first, *(new_once() + each for each in rest)]))  # noqa: S704
