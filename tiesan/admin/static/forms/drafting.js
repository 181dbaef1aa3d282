// The draft of a form: kept while somebody writes, and offered when the form is opened again.

import { banner, inWords } from "./banners.js";
import { draft, draftsOf, drop, keep } from "./drafts.js";
import { inputOf, nameOf, setNumber } from "./numbers.js";
import { fill, filesOf, isBlank, isSame, written } from "./written.js";

// Milliseconds after the last key before it is kept.
const WAIT = 250;
// More than these nobody looks through.
const MOST_OFFERED = 3;

/** @param {HTMLFormElement} form @returns {boolean} whether what is written may be kept here */
function isKept(form) {
  const secret = document.querySelector("[data-confidential]");
  return Boolean(document.body.dataset.account) && !secret && !form.querySelector("[type=password]");
}

/** The draft of one form. */
export class Drafting {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.name = nameOf(form);
    this.isOn = isKept(form);
    this.timer = 0;
    // What a draft says of fields that the page does not have yet, as the rows of another day.
    this.rest = [];
    if (!this.isOn) {
      return;
    }
    ["input", "change", "chosen"].forEach((kind) => form.addEventListener(kind, () => this.later()));
    // A telephone ends pages that it has put aside, and says no more than this before.
    document.addEventListener("visibilitychange", () => this.now());
    window.addEventListener("pagehide", () => this.now());
    this.offer();
  }

  get number() {
    return inputOf(this.form).value;
  }

  /** @returns {string | undefined} the mark of what was sent while no answer has come */
  get sent() {
    return this.isOn ? draft(this.name, this.number)?.sent : undefined;
  }

  later() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.keep(), WAIT);
  }

  now() {
    if (this.timer) {
      this.keep();
    }
  }

  /** @param {object} further what else is to be known of it @returns {boolean} whether it is kept */
  keep(further = {}) {
    window.clearTimeout(this.timer);
    this.timer = 0;
    if (!this.isOn || !this.form.isConnected) {
      return false;
    }
    const entries = [...written(this.form), ...this.rest];
    if (isBlank(entries)) {
      drop(this.name, this.number);
      return true;
    }
    const { sent } = this;
    const [number, at, files] = [this.number, Date.now(), filesOf(this.form)];
    const begun = this.rest.length > 0;
    return keep(this.name, { number, at, entries, files, sent, begun, ...further });
  }

  /** It is saved, or not wanted: nothing of it is kept from now on. */
  end() {
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.isOn = false;
  }

  offer() {
    const entries = written(this.form);
    const found = draftsOf(this.name).filter((each) => !isSame(each.entries, entries));
    const begun = found.find((each) => each.begun && each.number === this.number);
    if (begun) {
      this.use(begun);
      return;
    }
    const wanted = found.find((each) => each.wanted);
    if (wanted) {
      this.use(wanted);
      const made = banner("back");
      made.querySelector("[data-files-note]").hidden = !wanted.files;
      this.form.prepend(made);
      made.scrollIntoView({ block: "center" });
      return;
    }
    found.slice(0, MOST_OFFERED).reverse().forEach((each) => this.ask(each));
  }

  /** @param {import("./drafts.js").Draft} found */
  ask(found) {
    const made = banner("draft", { time: inWords(found.at) });
    made.querySelector("[data-files-note]").hidden = !found.files;
    made.querySelector("[data-use]").addEventListener("click", () => {
      this.form.querySelectorAll("[data-shown=draft]").forEach((each) => each.remove());
      this.use(found);
    });
    made.querySelector("[data-discard]").addEventListener("click", () => {
      drop(this.name, found.number);
      made.remove();
    });
    this.form.prepend(made);
    this.form.closest("details")?.setAttribute("open", "");
  }

  /**
   * Go on with a draft. The form has its number from now on, so that it stores nothing twice.
   *
   * @param {import("./drafts.js").Draft} found
   */
  use(found) {
    setNumber(this.form, found.number);
    const known = new Set(written(this.form).map(([key]) => key));
    this.rest = found.entries.filter(([key, value]) => !known.has(key) && value !== "");
    fill(this.form, found.entries);
    this.keep({ wanted: false });
  }
}
