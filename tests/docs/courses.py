"""The page on courses, printed from the courses themselves: `python -m tests.docs.courses`."""

from tests.docs.pages import DOCS
from tiesan.courses.installed import load_courses
from tiesan.courses.printing import table_of_course
from tiesan.discovery import load_plugins
from tiesan.reports.bulletins.course import BULLETIN_COURSE
from tiesan.reports.bulletins.receiving import RECEIPT_COURSE
from tiesan.reviews.correction_course import CORRECTION_COURSE
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.reviews.notice_course import NOTICE_COURSE
from tiesan.reviews.waiver_course import WAIVER_COURSE
from tiesan.rulebook.course import RULE_COURSE

PAGE = DOCS / "courses.md"
HEAD = """# Courses: who may do what, when

What goes through states is a *course*: its states with their words, and its verbs, each with who may carry it out, from
which state, what must be given, and what must hold before. Pages, JSON and “many at once” all go through the one
function that carries a verb out; what is printed here is what it asks. The tables are written from the code by
`python -m tests.docs.courses`.

A verb is answered, in this order: not signed in (403, JSON 401); bad token (400); not there, or not for you to see (404);
refused by person, state or a gate, with the clause (409); something missing or wrong, with its field (422); not as you
saw it (409). The same form sent twice acts once and answers alike.

| what | request |
|---|---|
| a verb that makes a row | `POST /records/<kind>/new/<verb>` |
| a verb on a row | `POST /records/<kind>/<id>/<verb>` with `seen_state`, `seen_version`, `seen_events`, `once` and what is given |
| many | `POST /records/<kind>/bulk/<verb>` with `ids` (repeated, `id:state:version:events`) and what is given |
| on a flag | `GET /flags/<id>`, `POST /flags/<id>/<verb>`, `POST /flags/bulk/<verb>`; what was seen is `seen_state`, `seen_revision`, `seen_events` |
| on a notice | `POST /notices/new` with `flags`, `text`, `due_on`; `GET /notices/<id>`, `POST /notices/<id>/<verb>` |
| on a bulletin | `POST /bulletins/new` with `district` (code), `period` (`2026-10`, `2026-Q4`, `2026`), `as_of`; `POST /bulletins/correct` with `corrects` (id), `as_of`; `POST /bulletins/<id>/<verb>`; `POST /bulletin-receipts/<id>/receive` |
| a file, before it is given | `POST /attachments/new` with `file` (multipart); the answer is JSON, `{"file": id, "name", "type", "size", "url", "thumbnail"}` |
| files of a verb | `files`: up to 5 such ids, or the files themselves (multipart); they open at `/attachments/<id>` for who may see the row |
| standing waivers | `GET /waivers` (`kind`, `state`, `plugin`, `rule`, `organization`, `cadre`, `page`), `POST /waivers/new` with what is given (`preview=1` stores nothing; answers `waiver`, `flags`, `past_year`), `POST /waivers/<id>/end`; what was seen may be left out |
| a correction of a record about oneself | `GET /corrections/`, `GET /corrections/<id>`, `POST /corrections/new` with `kind`, `row` (its id), `text` and by field what it should say, `POST /corrections/<id>/<verb>` |
| the inbox | `GET /inbox?institution=&rule=&severity=&organization=&cadre=&since=&assigned=&group=` (codes; `assigned` is `me` or `all`, `group` is `cadre`, `rule` or `organization`; `place` and `day` for one group); JSON `{"flags": [{"flag", "why"}], "seen_at"}` |
| all that it finds | `POST /flags/bulk/<verb>` with `filter` (that query string) and `seen_at` instead of `ids`, up to 500 |
| answer | 303 to the row; with `Accept: application/json` `{"<kind>": id, "state": …}`, many `{"done": […], "refused": […]}`, else `{"error": …}` |

"""


def page() -> str:
    """The page as it has to be."""
    reviews = (FLAG_COURSE, NOTICE_COURSE, WAIVER_COURSE, CORRECTION_COURSE)
    core = (*reviews, RULE_COURSE, BULLETIN_COURSE, RECEIPT_COURSE)
    courses = load_courses(load_plugins(), core=core)
    return HEAD + "\n".join(table_of_course(each) for each in courses.values()).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
