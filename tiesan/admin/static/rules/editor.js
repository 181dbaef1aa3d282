// The editor of a rule: while one types, the server says what the text says and what is wrong.

const WAIT = 400;
const place = document.querySelector("[data-reads]");
const text = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("yaml"));
const shown = document.querySelector("[data-reading]");
let timer = 0;
let asked = 0;

/** Show what the text says as it is now; an answer that is overtaken is left alone. */
async function read() {
  const form = text.form;
  const number = (asked += 1);
  const answer = await fetch(place.dataset.reads, {
    method: "POST",
    body: new FormData(form),
    redirect: "error",
  }).catch(() => null);
  if (answer && answer.ok && number === asked) {
    const page = new DOMParser().parseFromString((await answer.json()).html, "text/html");
    shown.replaceChildren(...page.body.childNodes);
  }
}

/**
 * Put the cursor into a line of the text.
 * @param {number} line counted from 1
 */
function go(line) {
  const before = text.value.split("\n").slice(0, line - 1).join("\n").length;
  const start = line > 1 ? before + 1 : 0;
  const end = text.value.indexOf("\n", start);
  text.focus();
  text.setSelectionRange(start, end < 0 ? text.value.length : end);
}

if (place && text && shown) {
  text.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(read, WAIT);
  });
  document.getElementById("rule")?.addEventListener("change", read);
  shown.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("[data-line]");
    if (link) {
      event.preventDefault();
      go(Number(link.dataset.line));
    }
  });
}
