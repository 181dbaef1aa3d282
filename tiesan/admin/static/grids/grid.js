// The grid of a form: rows filled in by finger or by keys. Without this script the form works by
// its buttons: which rows there are, and what all others get, the server says then.

import { shown } from "../forms/regions.js";

/** @type {HTMLFormElement} */
let form = null;
/** @type {Element[]} */
let rows = [];
/** @type {HTMLElement | null} */
let told = null;

/** @param {Element} row @returns {HTMLElement[]} the cells of a row that can be filled in */
const cellsOf = (row) => [...row.querySelectorAll("[data-cell]")];

/** @param {HTMLElement} cell @returns {boolean} whether nothing is filled in */
function isEmpty(cell) {
  if (cell.matches("input")) {
    return cell.type === "checkbox" ? !cell.checked : cell.value === "";
  }
  return !cell.querySelector("input:checked");
}

/** @param {Element} row @returns {boolean} whether a row that can be filled in is still empty */
const isRowEmpty = (row) => cellsOf(row).length > 0 && cellsOf(row).every(isEmpty);

// --- how many are still empty ---------------------------------------------------------------------

function count() {
  if (told) {
    const number = rows.filter(isRowEmpty).length;
    const text = number ? told.dataset.some.replace("{}", number) : told.dataset.none;
    if (told.textContent.trim() !== text) {
      told.textContent = text;
    }
  }
}

// --- what all others get --------------------------------------------------------------------------

/** @param {HTMLElement} cell @param {string} value */
function fill(cell, value) {
  if (cell.matches("input")) {
    cell.value = value;
    return;
  }
  const chosen = [...cell.querySelectorAll("input")].find((each) => each.value === value);
  if (chosen) {
    chosen.checked = true;
  }
}

/** @param {HTMLButtonElement} button the one that fills every row that is still empty */
function fillRest(button) {
  const values = JSON.parse(button.dataset.values);
  form.querySelectorAll("[data-rest]").forEach((input) => {
    values[input.dataset.rest] = input.value;
  });
  rows.filter(isRowEmpty).forEach((row) => {
    cellsOf(row).forEach((cell) => {
      const name = cell.dataset.cell;
      if (values[name]) {
        fill(cell, values[name]);
      }
    });
  });
  count();
}

// --- a choice is taken back by choosing it once more ----------------------------------------------

let before = null;

/** @param {PointerEvent} event */
function touched(event) {
  const radio = event.target.closest(".segments label")?.control;
  before = radio?.checked ? radio : null;
}

/** @param {MouseEvent} event */
function clicked(event) {
  if (event.target.type === "radio" && event.target === before) {
    event.target.checked = false;
    before = null;
    count();
    // Who keeps what is written learns of it as of any other change.
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// --- keys: Enter and the arrows go to the row below or above, Tab as everywhere --------------------

/** @param {HTMLElement} cell */
function focus(cell) {
  const inside = cell.matches("input")
    ? cell
    : cell.querySelector("input:checked") ?? cell.querySelector("input");
  inside.focus();
  cell.closest("[data-row]").scrollIntoView({ block: "nearest" });
}

/** @param {HTMLElement} cell @param {number} step @returns {boolean} whether there is such a row */
function move(cell, step) {
  const open = rows.filter((row) => cellsOf(row).length > 0);
  const row = cell.closest("[data-row]");
  const next = open[open.indexOf(row) + step];
  if (!next) {
    return false;
  }
  focus(cellsOf(next)[cellsOf(row).indexOf(cell)]);
  return true;
}

/** @param {HTMLElement} cell @param {string} key */
function sideways(cell, key) {
  const radios = [...cell.querySelectorAll("input")].filter((each) => each.checkVisibility());
  const at = radios.indexOf(document.activeElement);
  const next = radios[at + (key === "ArrowRight" ? 1 : -1)];
  next?.focus();
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const cell = event.target.closest("[data-cell]");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const isChoice = !cell.matches("input");
  const isTime = event.target.type === "time";
  if (event.key === "Enter") {
    // Otherwise the form would be sent from the first row.
    event.preventDefault();
    if (isChoice && !event.target.checked) {
      event.target.click();
    }
    if (!move(cell, 1)) {
      form.querySelector("[data-save]").focus();
    }
  } else if (!isTime && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    move(cell, event.key === "ArrowDown" ? 1 : -1);
  } else if (isChoice && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    event.preventDefault();
    sideways(cell, event.key);
  }
}

// --- another organization, another day, a further row: the rows are drawn anew ---------------------

function redraw() {
  if (!form.dataset.sent) {
    form.requestSubmit(form.querySelector("[data-show]"));
  }
}

// --- the form that is there, or takes the place of another one -------------------------------------

/** @param {HTMLFormElement} found */
function begin(found) {
  form = found;
  rows = [...form.querySelectorAll("[data-row]")];
  told = form.querySelector("[data-empty]");
  form.querySelector("[data-rest-button]")?.addEventListener("click", (event) => {
    event.preventDefault();
    fillRest(event.currentTarget);
  });
  form.addEventListener("pointerdown", touched);
  form.addEventListener("click", clicked);
  form.addEventListener("change", count);
  form.addEventListener("input", count);
  form.addEventListener("keydown", pressed);
  form.querySelectorAll(".grid-head input[type=date]").forEach((input) => {
    input.addEventListener("change", () => input.value && redraw());
  });
  // Whom a look-up above names is another matter but for the organization.
  form.querySelectorAll("#organization, #added").forEach((input) => {
    input.addEventListener("chosen", redraw);
  });
  count();
}

document.documentElement.classList.add("grid-scripted");
shown((place) => place.querySelectorAll("form[data-grid]").forEach(begin));
