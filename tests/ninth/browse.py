"""Signs in and opens pages, as a program: the plugin may be on its path, not on the tests'.

Reads a list of steps as JSON from standard input, an address to open or an address with what its
form is given; prints for each the status of the answer and its text.
"""

import json
import sys
from pathlib import Path

from tiesan.app import create_app
from tiesan.testing.browsing import Person


def main(username: str, instance: Path) -> None:
    """Take the steps as the person of a user name."""
    app = create_app(instance=instance)
    # However slow the machine is, what is saved is evaluated before the next page.
    app.config["SAVE_SECONDS"] = 60
    somebody = Person(app.test_client())
    somebody.sign_in(username)
    answers = []
    for step in json.load(sys.stdin):
        address, given = step if isinstance(step, list) else (step, None)
        answer = somebody.get(address) if given is None else somebody.send(address, given)
        answers.append([answer.status_code, answer.text])
    app.extensions["runner"].close()
    app.extensions["background"].close()
    app.extensions["engine"].close()
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
