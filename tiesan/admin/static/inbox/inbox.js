// The keys of the inbox. Every key does what a link or a button on the page does.

const VERBS = { a: "acknowledge", c: "confirm", d: "dismiss", w: "waive" };
const help = () => document.querySelector("[data-keys-help]")?.showModal();

/** Press a verb of the open flag; one that must be given something opens, ready to be written in. */
function press(verb) {
  const button = document.querySelector(`.inbox-flag [data-verb="${verb}"]`);
  if (!button) {
    return;
  }
  const details = button.closest("details");
  if (!details) {
    button.click();
    return;
  }
  if (!details.querySelector(".required")) {
    details.querySelector("form").requestSubmit();
    return;
  }
  details.open = true;
  details.querySelector("textarea, input:not([type=hidden])").focus();
}

function follow(direction) {
  const link = document.querySelector(`.inbox-flag [rel="${direction}"]`);
  if (link) {
    link.click();
  }
}

function pressed(event) {
  const typing = event.target.closest("input, select, textarea, dialog");
  if (typing && event.key === "Enter" && event.ctrlKey && event.target.form) {
    event.target.form.requestSubmit();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === "j" || event.key === "k") {
    follow(event.key === "j" ? "next" : "prev");
  } else if (event.key === "?") {
    help();
  } else if (event.key in VERBS) {
    // Otherwise the letter would be the first of the text.
    event.preventDefault();
    press(VERBS[event.key]);
  }
}

document.addEventListener("keydown", pressed);
document.querySelector("[data-keys]").addEventListener("click", help);
document.querySelector(".inbox-list .is-open")?.scrollIntoView({ block: "nearest" });
