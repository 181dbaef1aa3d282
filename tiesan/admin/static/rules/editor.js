// The editor of a rule: form and text are two views of one text, which the server reads anew after
// each change; what it says and what is wrong stands beside them.

import { Lookup } from "../forms/lookup.js";

const WAIT = 400;
const place = document.querySelector("[data-shapes]");
const text = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("yaml"));
const shape = document.querySelector("[data-shape]");
const reading = document.querySelector("[data-reading]");
const undo = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-undo]"));
const earlier = [];
let timer = 0;
let asked = 0;
// Changes are made one behind the other, each of the text that the one before has left.
let queue = Promise.resolve();
let waiting = 0;

/** @param {string} html @returns {NodeListOf<ChildNode>} */
function nodes(html) {
  return new DOMParser().parseFromString(html, "text/html").body.childNodes;
}

/**
 * Ask the server; null where no answer came.
 * @param {string} address
 * @param {Record<string, string>} more
 */
async function ask(address, more = {}) {
  const sent = new FormData(text.form);
  Object.entries(more).forEach(([name, value]) => sent.set(name, value));
  const answer = await fetch(address, { method: "POST", body: sent, redirect: "error" }).catch(
    () => null,
  );
  return answer && answer.ok ? answer.json() : null;
}

/** Show what the text says as it is now; an answer that is overtaken is left alone. */
async function read() {
  const number = (asked += 1);
  const said = await ask(place.dataset.reads);
  if (said && number === asked) {
    reading.replaceChildren(...nodes(said.html));
  }
}

/** Fill the selects whose long lists of offers are drawn once for all of them. */
function fill() {
  shape.querySelectorAll("select[data-list]").forEach((select) => {
    const list = /** @type {HTMLTemplateElement} */ (document.getElementById(select.dataset.list));
    const value = select.value;
    const known = list.content.querySelector(`option[value="${CSS.escape(value)}"]`);
    const drawn = [...select.options].find((each) => each.value && each.value === value);
    select.append(list.content.cloneNode(true));
    if (known && drawn) {
      drawn.remove();
      select.value = value;
    } else if (!select.dataset.inserts) {
      select.value = value;
    }
    select.querySelectorAll("option[selected]").forEach((each) => {
      each.defaultSelected = each.value === value;
    });
    select.value = value;
  });
}

/** Somebody was found by name: what is written is the code. */
function found(event) {
  const hidden = event.target.parentElement.querySelector("input[type=hidden]");
  change(hidden.dataset.verb, hidden.dataset.at, JSON.stringify(hidden.value));
}

/** Draw the form anew and put the focus back where it was. */
function draw(html) {
  const focused = document.activeElement?.id;
  const open = [...shape.querySelectorAll("details[open]")].map((each) => each.dataset.block);
  shape.replaceChildren(...nodes(html));
  fill();
  shape.querySelectorAll("[data-lookup]").forEach((each) => new Lookup(each));
  shape.querySelectorAll("details").forEach((each) => {
    each.open = open.includes(each.dataset.block);
  });
  if (focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

/**
 * Have the text changed at one place, behind all changes that are under way.
 * @param {string} verb
 * @param {string} at
 * @param {string} value as JSON
 */
function change(verb, at, value) {
  waiting += 1;
  place.setAttribute("aria-busy", "true");
  queue = queue.then(async () => {
    const before = text.value;
    const said = await ask(place.dataset.shapes, { verb, at, value });
    waiting -= 1;
    if (!said) {
      return;
    }
    if (said.yaml !== before) {
      earlier.push(before);
      undo.disabled = false;
      text.value = said.yaml;
      text.dispatchEvent(new Event("change", { bubbles: true }));
    }
    reading.replaceChildren(...nodes(said.html));
    if (waiting === 0) {
      draw(said.form);
      place.removeAttribute("aria-busy");
    }
  });
}

/** Draw the form of the text as it stands. */
function redraw() {
  change("", "[]", '""');
}

/**
 * Put the cursor into a line of the text.
 * @param {number} line counted from 1
 */
function go(line) {
  show("text");
  const before = text.value.split("\n").slice(0, line - 1).join("\n").length;
  const start = line > 1 ? before + 1 : 0;
  const end = text.value.indexOf("\n", start);
  text.focus();
  text.setSelectionRange(start, end < 0 ? text.value.length : end);
}

/** @param {"form" | "text"} name the view to be shown */
function show(name) {
  ["form", "text"].forEach((each) => {
    const tab = document.getElementById(`tab-${each}`);
    tab.setAttribute("aria-selected", String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
    document.getElementById(`pane-${each}`).hidden = each !== name;
  });
}

/** What an input says, as it is sent. */
function said(input) {
  if (input.matches("fieldset")) {
    const ticked = [...input.querySelectorAll("input:checked")].map((each) => each.value);
    return ticked.join("\n");
  }
  return input.value;
}

function insert(select) {
  const input = /** @type {HTMLTextAreaElement} */ (document.getElementById(select.dataset.inserts));
  input.setRangeText(select.value, input.selectionStart, input.selectionEnd, "end");
  select.value = "";
  input.focus();
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function changed(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches("select[data-inserts]")) {
    insert(target);
  } else if (target.matches("select[data-buttons]")) {
    const { verb, at, value } = target.selectedOptions[0].dataset;
    change(verb, at, value);
  } else {
    const input = target.closest("[data-verb]");
    if (input && shape.contains(input)) {
      change(input.dataset.verb, input.dataset.at, JSON.stringify(said(input)));
    }
  }
}

function pressed(event) {
  const button = /** @type {Element} */ (event.target).closest("button[data-verb]");
  if (button) {
    change(button.dataset.verb, button.dataset.at, button.dataset.value);
  }
}

if (place && text && shape && reading && undo) {
  fill();
  shape.addEventListener("change", changed);
  shape.addEventListener("chosen", found);
  shape.addEventListener("click", pressed);
  text.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(read, WAIT);
  });
  document.getElementById("rule")?.addEventListener("change", redraw);
  undo.addEventListener("click", () => {
    text.value = earlier.pop();
    undo.disabled = earlier.length === 0;
    redraw();
  });
  document.getElementById("tab-form").addEventListener("click", () => {
    show("form");
    redraw();
  });
  document.getElementById("tab-text").addEventListener("click", () => show("text"));
  reading.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("[data-line]");
    if (link) {
      event.preventDefault();
      go(Number(link.dataset.line));
    }
  });
  // What was typed last may still be under way when somebody saves.
  text.form.addEventListener("submit", (event) => {
    if (waiting > 0) {
      event.preventDefault();
      const button = /** @type {SubmitEvent} */ (event).submitter;
      queue.then(() => text.form.requestSubmit(button));
    }
  });
}
