"""What a phone asks for to keep the site among its programs: a name, a colour and pictures.

There is no service worker: nobody's pages are kept on the phone.
"""

from flask import Blueprint, Response, jsonify, url_for

from tiesan.i18n import _

# The deep red of the bar, and the paper behind pages (static/shell/base.css).
THEME, PAPER = "#9c1a1c", "#f7f5f1"
SIZES = (192, 512)

installing = Blueprint("installing", __name__)


@installing.get("/manifest.webmanifest")
def manifest() -> Response:
    """Say what the site is as a program."""
    answer = jsonify(
        {
            "name": _("Tiesan trade union supervision"),
            "short_name": _("Tiesan"),
            "start_url": url_for("admin.index"),
            "scope": url_for("admin.index"),
            "display": "standalone",
            "theme_color": THEME,
            "background_color": PAPER,
            "icons": [
                {
                    "src": url_for("static", filename=f"shell/icon-{size}.png"),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for size in SIZES
                for purpose in ("any", "maskable")
            ],
        }
    )
    answer.mimetype = "application/manifest+json"
    return answer
