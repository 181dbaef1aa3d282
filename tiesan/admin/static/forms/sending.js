// Forms are sent once, by this script: what was written stays until it is known to be saved.

import { banner, clear, say } from "./banners.js";
import { saved, savedMark } from "./drafts.js";
import { Drafting } from "./drafting.js";
import { addressOf, inputOf, newNumber, setNumber, showNumber } from "./numbers.js";
import { read, regionOf, swap } from "./regions.js";
import { carryOver, mark, since, written } from "./written.js";

const HEADERS = { "X-Sent-By": "script", Accept: "text/html" };
const SIGNED_OUT = 401;
const LEAST_FAILURE = 500;
const LEAST_REFUSAL = 400;

/**
 * Have a form be sent once: by this script where it has a number, else by the browser.
 *
 * @param {HTMLFormElement} form
 */
export function sentOnce(form) {
  if (inputOf(form)) {
    new Sending(form);
    return;
  }
  form.addEventListener("submit", (event) => {
    if (lacksChoice(form) || form.dataset.sent) {
      event.preventDefault();
    } else {
      setBusy(form, true);
    }
  });
  // Coming back by the browser's button, the form may be sent again.
  window.addEventListener("pageshow", () => setBusy(form, false));
}

/** @param {HTMLFormElement} form @param {boolean} busy */
function setBusy(form, busy) {
  if (busy) {
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  } else {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
}

/**
 * What is wrong in a form the answer says, but for a name that was not chosen: it would be sent as
 * none.
 *
 * @param {HTMLFormElement} form @returns {boolean}
 */
function lacksChoice(form) {
  const lookups = [...form.querySelectorAll("input[data-lookup]")];
  const open = lookups.find((input) => input.validity.customError);
  open?.reportValidity();
  return Boolean(open);
}

/** @param {Document} page @returns {string} what a page says that is there to say one thing */
function saidBy(page) {
  const places = ["[data-said]", "[role=alert]", ".card-block p:not(.muted)"];
  const found = places.map((each) => [...page.querySelectorAll(each)]);
  const said = found.find((each) => each.length > 0) ?? [];
  return said.map((each) => each.textContent.trim()).join(" ");
}

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {string} text a page, or where to go
 * @property {boolean} isLead whether it says where to go
 * @property {string} address from where it came
 */

/** The sending of one form. */
class Sending {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    showNumber(form);
    this.draft = new Drafting(form);
    this.failed = null;
    this.byBrowser = false;
    form.addEventListener("submit", (event) => this.submitted(event));
    window.addEventListener("pageshow", () => setBusy(form, false));
    window.addEventListener("online", () => this.again());
  }

  /** @param {SubmitEvent} event */
  submitted(event) {
    if (this.byBrowser) {
      return;
    }
    event.preventDefault();
    if (!this.form.dataset.sent && !lacksChoice(this.form)) {
      this.send(event.submitter);
    }
  }

  /** @param {HTMLElement | null} button the one that was pressed */
  async send(button) {
    setBusy(this.form, true);
    clear(this.form);
    this.entries = written(this.form);
    const what = mark(this.entries);
    const known = this.draft.isOn ? savedMark(this.draft.name, this.draft.number) : null;
    this.first ??= known ?? this.draft.sent ?? what;
    this.draft.keep({ sent: this.first, wanted: false });
    const answer = await this.ask(button);
    if (answer) {
      this.answered(answer, button, what);
    } else {
      this.notSaved(button, what);
    }
  }

  /** @param {HTMLElement | null} button @returns {Promise<Answer | null>} none without an answer */
  async ask(button) {
    const given = button?.getAttribute("formaction");
    const address = given ? new URL(given, window.location.href) : addressOf(this.form);
    const request = { method: "POST", body: this.body(button), headers: HEADERS };
    try {
      const response = await fetch(address, request);
      const isLead = response.headers.get("X-Answer") === "leads";
      const text = await response.text();
      const { status, url } = response;
      return { status, text, isLead, address: url + address.hash };
    } catch {
      return null;
    }
  }

  /** @param {HTMLElement | null} button @returns {FormData | URLSearchParams} */
  body(button) {
    const data = new FormData(this.form);
    if (button?.name) {
      data.append(button.name, button.value);
    }
    const isPlain = this.form.enctype !== "multipart/form-data";
    return isPlain ? new URLSearchParams([...data].filter(([, value]) => !value.name)) : data;
  }

  /** @param {Answer} answer @param {HTMLElement | null} button @param {string} what */
  answered(answer, button, what) {
    if (answer.isLead) {
      this.leads(JSON.parse(answer.text), what);
      return;
    }
    if (answer.status === SIGNED_OUT) {
      this.signIn(button);
      return;
    }
    const page = read(answer.text);
    if (answer.status >= LEAST_FAILURE) {
      this.notSaved(button, what, saidBy(page));
    } else {
      this.shows(answer, page);
    }
  }

  /** It was stored, now or before; what was written since is not lost silently. */
  leads(answer, what) {
    if (answer.before && this.first !== what) {
      this.savedBefore(answer);
      return;
    }
    if (this.draft.isOn) {
      saved(this.draft.name, this.draft.number, what);
    }
    this.draft.end();
    window.location.assign(answer.to);
  }

  /** @param {{to: string, another: boolean}} answer */
  savedBefore(answer) {
    setBusy(this.form, false);
    const made = banner("before");
    made.querySelector("[data-look]").href = answer.to;
    const another = made.querySelector("[data-another]");
    another.hidden = !answer.another;
    another.addEventListener("click", () => {
      setNumber(this.form, newNumber());
      this.first = undefined;
      this.send(null);
    });
    say(this.form, made);
  }

  /** What the session has lost, the form gets back; what may not be kept here, the server keeps. */
  signIn(button) {
    if (!this.draft.keep({ wanted: true })) {
      this.draft.end();
      this.byBrowser = true;
      this.form.requestSubmit(button);
      return;
    }
    this.draft.end();
    const here = window.location.pathname + window.location.search;
    window.location.assign(`${document.body.dataset.signIn}?next=${encodeURIComponent(here)}`);
  }

  /** It was not stored, or there is more to be said: the page that says so is shown. */
  shows(answer, page) {
    setBusy(this.form, false);
    if (page.body.dataset.account !== document.body.dataset.account) {
      // Somebody else has signed in beside this page: it is not theirs.
      this.draft.end();
      window.location.reload();
      return;
    }
    this.first = undefined;
    this.draft.keep({ sent: undefined });
    const region = regionOf(page);
    const isForm = region?.querySelector("form input[name=once]");
    if (!region || (answer.status >= LEAST_REFUSAL && !isForm)) {
      this.refused(saidBy(page));
      return;
    }
    this.draft.end();
    const going = since(this.form, this.entries);
    swap(page, answer.address);
    carryOver(regionOf(document), going);
  }

  /** @param {string} why */
  refused(why) {
    const made = banner("refused", { why });
    made.querySelector("[data-anew]").addEventListener("click", () => window.location.reload());
    say(this.form, made);
  }

  /** @param {HTMLElement | null} button @param {string} what @param {string} why */
  notSaved(button, what, why = "") {
    setBusy(this.form, false);
    this.failed = { button, what, isOffline: why === "" };
    const made = banner("kept", { why });
    made.querySelector("[data-again]").addEventListener("click", () => this.send(button));
    say(this.form, made);
  }

  /** There is a connection again: what was sent is sent again, if nobody went on writing. */
  again() {
    const { failed, form } = this;
    const same = failed?.isOffline && mark(written(form)) === failed.what;
    if (same && form.isConnected && !form.dataset.sent && form.querySelector("[data-again]")) {
      this.send(failed.button);
    }
  }
}
