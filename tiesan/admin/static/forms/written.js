// What somebody has written into a form: read from it, and put back into it.

/** A field by its name and the value of a box, or what tells it from others of the same name. */
/** @typedef {[string, string]} Entry */

const NOT_WRITTEN = new Set(["hidden", "password", "file", "submit", "button", "image", "reset"]);

/** @param {HTMLElement} input @returns {boolean} whether somebody writes or chooses in it */
function isWritten(input) {
  const named = input.name || input.dataset.lookup;
  return Boolean(named) && !NOT_WRITTEN.has(input.type) && !input.closest("[data-files]");
}

/** @param {HTMLElement} input @returns {boolean} whether it is a box or a dot */
const isTicked = (input) => input.type === "checkbox" || input.type === "radio";

/** @param {HTMLElement} input @returns {HTMLInputElement | null} the choice of a look-up */
const choiceOf = (input) => input.parentElement.querySelector("input[type=hidden]");

/** @param {HTMLElement} input @returns {string} */
function valueOf(input) {
  if (isTicked(input)) {
    return input.checked ? "1" : "";
  }
  if (input.dataset.lookup) {
    const id = choiceOf(input).value;
    return input.value ? JSON.stringify([input.value, id]) : "";
  }
  return input.value;
}

/** @param {HTMLElement} input @param {string} value */
function put(input, value) {
  if (isTicked(input)) {
    input.checked = value === "1";
  } else if (input.dataset.lookup) {
    const [text, id] = value ? JSON.parse(value) : ["", ""];
    input.value = text;
    choiceOf(input).value = id;
    input.setCustomValidity("");
  } else {
    input.value = value;
  }
}

/** Have whatever counts or shows what is written do it anew. To a look-up nothing was typed. */
function tell(input) {
  const kinds = input.dataset.lookup ? ["chosen"] : ["input", "change"];
  kinds.forEach((kind) => input.dispatchEvent(new Event(kind, { bubbles: true })));
}

/** @param {HTMLFormElement} form @returns {Map<string, HTMLElement>} its fields by what names them */
function fieldsOf(form) {
  const found = new Map();
  [...form.elements].filter(isWritten).forEach((input) => {
    const name = input.name || `? ${input.dataset.lookup}`;
    const key = isTicked(input) ? `${name}=${input.value}` : name;
    let number = 0;
    while (found.has(`${key}#${number}`)) {
      number += 1;
    }
    found.set(`${key}#${number}`, input);
  });
  return found;
}

/** @param {HTMLFormElement} form @returns {Entry[]} */
export function written(form) {
  return [...fieldsOf(form)].map(([key, input]) => [key, valueOf(input)]);
}

/** @param {Entry[]} entries @returns {boolean} whether there is anything in them */
export const isBlank = (entries) => entries.every(([, value]) => value.trim() === "");

/**
 * @param {Entry[]} some @param {Entry[]} others
 * @returns {boolean} whether they say the same where both say something
 */
export function isSame(some, others) {
  const known = new Map(others);
  return some.every(([key, value]) => !known.has(key) || known.get(key) === value);
}

/**
 * Put what was written back, all of it before anybody is told.
 *
 * @param {HTMLFormElement} form @param {Entry[]} entries
 */
export function fill(form, entries) {
  const fields = fieldsOf(form);
  const changed = entries.filter(([key, value]) => {
    const input = fields.get(key);
    return input && valueOf(input) !== value;
  });
  changed.forEach(([key, value]) => put(fields.get(key), value));
  form.closest("details")?.setAttribute("open", "");
  changed.forEach(([key]) => tell(fields.get(key)));
}

/**
 * What was written in a form since it was sent, and where somebody is writing.
 *
 * @typedef {{entries: Entry[], at: string | null, from: number | null}} Going
 * @param {HTMLFormElement} form @param {Entry[]} sent @returns {Going}
 */
export function since(form, sent) {
  const known = new Map(sent);
  const entries = written(form).filter(([key, value]) => known.get(key) !== value);
  const here = [...fieldsOf(form)].find(([, input]) => input === document.activeElement);
  return { entries, at: here?.[0] ?? null, from: here?.[1].selectionStart ?? null };
}

/**
 * Let somebody write on in what has taken the place of the form that they were writing in.
 *
 * @param {HTMLElement} region @param {Going} going
 */
export function carryOver(region, going) {
  const form = region.querySelector("form:has(input[name=once])");
  if (!form || going.entries.length === 0) {
    return;
  }
  const fields = fieldsOf(form);
  const left = going.entries.filter(([key]) => fields.has(key));
  left.forEach(([key, value]) => put(fields.get(key), value));
  left.forEach(([key]) => {
    const input = fields.get(key);
    // What was typed into a look-up and not chosen is still to be chosen.
    const isOpen = input.dataset.lookup && input.value && !choiceOf(input).value;
    input.dispatchEvent(new Event(isOpen ? "input" : "change", { bubbles: true }));
  });
  const input = fields.get(going.at);
  input?.focus();
  if (going.from !== null && input?.selectionStart !== null) {
    input?.setSelectionRange(going.from, going.from);
  }
}

/** @param {HTMLFormElement} form @returns {number} how many files it names or is about to */
export const filesOf = (form) => form.querySelectorAll("[data-files] li").length;

/** @param {Entry[]} entries @returns {string} what tells one writing from another, in few letters */
export function mark(entries) {
  let found = 0x811c9dc5;
  for (const letter of JSON.stringify(entries)) {
    found = Math.imul(found ^ letter.codePointAt(0), 0x01000193) >>> 0;
  }
  return found.toString(16);
}
