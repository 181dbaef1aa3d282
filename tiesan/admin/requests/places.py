"""Which courses are requests here, and the pages on which their verbs are."""

from typing import Any

from flask import current_app, url_for

from tiesan.admin.shell.navigation import switched_off
from tiesan.courses.installed import running_courses
from tiesan.courses.requests import request_courses
from tiesan.courses.values import Course


def courses_here() -> list[Course]:
    """Return the courses of requests that have pages and are not switched off."""
    off = switched_off()
    return [
        course
        for course in request_courses(running_courses().values())
        if (view := view_of(course)) is not None
        and getattr(getattr(view, "plugin", None), "name", None) not in off
    ]


def course_named(name: str) -> Course | None:
    """Return the course of requests of a name."""
    return next((each for each in courses_here() if each.name == name), None)


def view_of(course: Course) -> Any:
    """Return the view whose pages carry the verbs of a course; None without one."""
    pages = (*current_app.extensions["record_views"], *current_app.extensions["pages"])
    return next((page for page in pages if getattr(page, "course", None) is course), None)


def url_of(course: Course, row_id: int) -> str:
    """Return the address of the page of a row."""
    return url_for(f"{view_of(course).endpoint}.details_view", id=row_id)


def verb_url(course: Course, row_id: int, verb: str) -> str:
    """Return the address of a verb on a row."""
    return url_for(f"{view_of(course).endpoint}.verb_view", row_id=row_id, verb=verb)


def asking_url(course: Course) -> str:
    """Return the address of the form by which somebody asks."""
    view = view_of(course)
    return url_for(f"{view.endpoint}.begin_view", verb=course.asking.name)
