// The grid of a form: rows filled in by finger or by keys. Without this script the form works by
// its buttons: which rows there are, and what all others get, the server says then.

import { shown } from "../forms/regions.js";

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

/** @param {HTMLElement} cell */
function focus(cell) {
  const inside = cell.matches("input")
    ? cell
    : cell.querySelector("input:checked") ?? cell.querySelector("input");
  inside.focus();
  cell.closest("[data-row]").scrollIntoView({ block: "nearest" });
}

/** The grid of one form. */
class Grid {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.rows = [...form.querySelectorAll("[data-row]")];
    this.told = form.querySelector("[data-empty]");
    this.before = null;
    form.addEventListener("pointerdown", (event) => this.touched(event));
    form.addEventListener("click", (event) => this.clicked(event));
    form.addEventListener("change", () => this.count());
    form.addEventListener("input", () => this.count());
    form.addEventListener("keydown", (event) => this.key(event));
    form.querySelector("[data-rest-button]")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.fillRest(event.currentTarget);
    });
    this.redrawn();
    this.count();
  }

  /** Say how many rows are still empty. */
  count() {
    if (!this.told) {
      return;
    }
    const number = this.rows.filter(isRowEmpty).length;
    const { some, none } = this.told.dataset;
    const text = number ? some.replace("{}", number) : none;
    if (this.told.textContent.trim() !== text) {
      this.told.textContent = text;
    }
  }

  /** @param {HTMLButtonElement} button the one that fills every row that is still empty */
  fillRest(button) {
    const values = JSON.parse(button.dataset.values);
    this.form.querySelectorAll("[data-rest]").forEach((input) => {
      values[input.dataset.rest] = input.value;
    });
    const cells = this.rows.filter(isRowEmpty).flatMap(cellsOf);
    const filled = cells.filter((cell) => values[cell.dataset.cell]);
    filled.forEach((cell) => fill(cell, values[cell.dataset.cell]));
    // A draft is kept of what was written, also by this.
    this.form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // A choice is taken back by choosing it once more.
  touched(event) {
    const radio = event.target.closest(".segments label")?.control;
    this.before = radio?.checked ? radio : null;
  }

  clicked(event) {
    if (event.target.type === "radio" && event.target === this.before) {
      event.target.checked = false;
      this.before = null;
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  /** @param {HTMLElement} cell @param {number} step @returns {boolean} whether there is such a row */
  move(cell, step) {
    const open = this.rows.filter((row) => cellsOf(row).length > 0);
    const row = cell.closest("[data-row]");
    const next = open[open.indexOf(row) + step];
    if (next) {
      focus(cellsOf(next)[cellsOf(row).indexOf(cell)]);
    }
    return Boolean(next);
  }

  // Enter and the arrows go to the row below or above, Tab as everywhere.
  key(event) {
    const cell = event.target.closest("[data-cell]");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const isChoice = !cell.matches("input");
    if (event.key === "Enter") {
      // Otherwise the form would be sent from the first row.
      event.preventDefault();
      this.entered(cell, event.target);
    } else if (event.target.type !== "time" && /^Arrow(Up|Down)$/.test(event.key)) {
      event.preventDefault();
      this.move(cell, event.key === "ArrowDown" ? 1 : -1);
    } else if (isChoice && /^Arrow(Left|Right)$/.test(event.key)) {
      event.preventDefault();
      const radios = [...cell.querySelectorAll("input")];
      radios[radios.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : -1)]?.focus();
    }
  }

  /** @param {HTMLElement} cell @param {HTMLInputElement} input the one that has the focus */
  entered(cell, input) {
    if (input.type === "radio" && !input.checked) {
      input.click();
    }
    if (!this.move(cell, 1)) {
      this.form.querySelector("[data-save]").focus();
    }
  }

  // Another organization, another day, a further row: the rows are drawn anew.
  redrawn() {
    const show = this.form.querySelector("[data-show]");
    // Before it is said where, there are no rows to be shown, and who types on is left alone.
    const isPlaced = () => [...this.form.querySelectorAll("[name=organization]")].every((each) => each.value);
    const redraw = () => !this.form.dataset.sent && isPlaced() && this.form.requestSubmit(show);
    this.form.querySelectorAll(".grid-head input[type=date]").forEach((input) => {
      input.addEventListener("change", () => input.value && redraw());
    });
    // Whom another look-up above names changes no row.
    this.form.querySelectorAll("#organization, #added").forEach((input) => {
      input.addEventListener("chosen", redraw);
      input.addEventListener("change", () => input.matches("select") && redraw());
    });
  }
}

document.documentElement.classList.add("grid-scripted");
shown((place) => place.querySelectorAll("form[data-grid]").forEach((form) => new Grid(form)));
