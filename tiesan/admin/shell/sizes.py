"""How large a request may be: files come one by one, or with the form of a verb."""

from flask import request

from tiesan.records.attachments.models import LARGEST_FILE, MOST_FILES

# What is sent without files: the inputs of a form.
LARGEST_FORM = 2 * 1024 * 1024
# The files of an import, together.
LARGEST_IMPORT = 64 * 1024 * 1024
_LARGEST_VERB = MOST_FILES * LARGEST_FILE + LARGEST_FORM
# No request at all is larger.
LARGEST_REQUEST = max(_LARGEST_VERB, LARGEST_IMPORT + LARGEST_FORM)

_TAKE_IMPORTS = ("imports.send_view", "imports.send_all_view")
_TAKES_ONE = "attachment.send"
_TAKE_SEVERAL = (".verb_view", ".begin_view")


def take_files() -> None:
    """Let a request be as large as the files that its address takes.

    Asked for who is signed in only; strangers send what a form without files holds.
    """
    endpoint = request.endpoint or ""
    if request.method != "POST" or request.mimetype != "multipart/form-data":
        return
    if endpoint == _TAKES_ONE:
        request.max_content_length = LARGEST_FILE + LARGEST_FORM
    elif endpoint in _TAKE_IMPORTS:
        request.max_content_length = LARGEST_IMPORT + LARGEST_FORM
    elif endpoint.endswith(_TAKE_SEVERAL):
        request.max_content_length = _LARGEST_VERB
