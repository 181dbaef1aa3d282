// The form of a request: days by a touch, only what a kind needs, and what is counted meanwhile.

const WAIT = 300;
const form = document.querySelector("form.asking");

/** @param {string} name */
function field(name) {
  return form.elements.namedItem(name);
}

/** Put a value into a field and let everybody know. */
function put(name, value) {
  const found = field(name);
  if (found) {
    found.value = value;
    found.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/** Mark which of the buttons says what the fields say. */
function mark() {
  const first = field("first_day");
  const last = field("last_day");
  for (const button of form.querySelectorAll("[data-day]")) {
    const pressed = first.value === button.dataset.day && last.value === button.dataset.day;
    button.setAttribute("aria-pressed", String(pressed));
  }
  const begins = field("first_half").value;
  const ends = field("last_half").value;
  const pressed = { "": !begins && !ends, pm: begins === "pm", am: ends === "am" };
  for (const button of form.querySelectorAll("[data-half]")) {
    button.setAttribute("aria-pressed", String(pressed[button.dataset.half]));
  }
}

/** Begin at noon, end at noon, or neither; of one day only one of the two. */
function halve(half) {
  const one = field("first_day").value === field("last_day").value;
  const now = { pm: field("first_half").value === "pm", am: field("last_half").value === "am" };
  const wanted = half ? { ...now, [half]: !now[half] } : { pm: false, am: false };
  if (one && wanted.pm && wanted.am) {
    wanted[half === "pm" ? "am" : "pm"] = false;
  }
  put("first_half", wanted.pm ? "pm" : "");
  put("last_half", wanted.am ? "am" : "");
}

function offerDays() {
  if (!field("first_day") || !field("last_half")) {
    return;
  }
  form.classList.add("has-buttons");
  for (const row of form.querySelectorAll(".quick-days")) {
    row.hidden = false;
  }
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-day], [data-half]");
    if (!button) {
      return;
    }
    if (button.dataset.day) {
      put("first_day", button.dataset.day);
      put("last_day", button.dataset.day);
    } else {
      halve(button.dataset.half);
    }
  });
  field("first_day").addEventListener("change", () => {
    const last = field("last_day");
    if (!last.value || last.value < field("first_day").value) {
      last.value = field("first_day").value;
    }
  });
  mark();
}

/** Show a field only where what was chosen needs it; one that is hidden says nothing. */
function narrow() {
  for (const part of form.querySelectorAll("[data-only]")) {
    const [name, values] = part.dataset.only.split(":");
    const chosen = field(name).value;
    part.hidden = !values.split(" ").includes(chosen);
    for (const input of part.querySelectorAll("input, textarea, select")) {
      input.disabled = part.hidden;
    }
  }
}

let timer = 0;
let asked = 0;

/** Ask what is counted of what is typed so far; only the latest answer is shown. */
async function count() {
  asked += 1;
  const mine = asked;
  const told = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "once") {
      told.append(name, value);
    }
  }
  let lines = [];
  try {
    const answer = await fetch(form.dataset.count, { method: "POST", body: told, headers: { Accept: "application/json" } });
    lines = answer.ok ? (await answer.json()).lines : [];
  } catch {
    lines = [];
  }
  if (mine === asked) {
    const list = form.querySelector("[data-counted]");
    list.replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }),
    );
  }
}

function changed() {
  if (field("first_half")) {
    mark();
  }
  narrow();
  clearTimeout(timer);
  timer = setTimeout(count, WAIT);
}

if (form) {
  offerDays();
  narrow();
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  const first = form.querySelector("input[type=text]:not([disabled])");
  if (first && !form.querySelector(".chips")) {
    first.focus();
  }
}
