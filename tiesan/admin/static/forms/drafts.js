// What is kept on this device of forms that are not saved yet: by account, form and number.

/**
 * @typedef {object} Draft
 * @property {string} number the one-time number of the form
 * @property {number} at when it was written last, in milliseconds
 * @property {import("./written.js").Entry[]} entries what was written
 * @property {number} files how many files were beside it, which are not kept
 * @property {string} [sent] the mark of what was sent first, while no answer came
 * @property {boolean} [begun] whether a form goes on with it whose fields are not all there yet
 * @property {boolean} [wanted] whether somebody is signing in to go on with it
 */

const KEPT = "tiesan.draft:";
const SAVED = "tiesan.saved:";
const LONGEST = 72 * 60 * 60 * 1000;

/** @returns {string} the account of this page; nothing where nobody is signed in */
const account = () => document.body.dataset.account ?? "";

/** @returns {string[]} the names of all that is kept */
function names() {
  try {
    return Object.keys(window.localStorage).filter(
      (name) => name.startsWith(KEPT) || name.startsWith(SAVED),
    );
  } catch {
    // Somebody forbids this site to keep anything.
    return [];
  }
}

/** @param {string} name @returns {any} */
function get(name) {
  try {
    return JSON.parse(window.localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} name @param {any} value @returns {boolean} whether it is kept */
function set(name, value) {
  try {
    window.localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    // There is no room, or nothing may be kept: the page itself still has it.
    return false;
  }
}

/** @param {string} kind @param {string} form @param {string} number @returns {string} */
const named = (kind, form, number) => `${kind}${account()}:${form}:${number}`;

/** Let go of what is too old, and of all that somebody else has written here. */
export function tidy() {
  const now = Date.now();
  names().forEach((name) => {
    const other = account() !== "" && name.split(":")[1] !== account();
    const kept = get(name);
    if (other || !kept || now - kept.at >= LONGEST) {
      window.localStorage.removeItem(name);
    }
  });
}

/** Let go of everything: whoever signs out leaves nothing behind. */
export function forgetAll() {
  names().forEach((name) => window.localStorage.removeItem(name));
}

/** @param {string} form @returns {Draft[]} what is kept of a form, the latest first */
export function draftsOf(form) {
  const start = named(KEPT, form, "");
  const found = names().filter((name) => name.startsWith(start));
  return found.map(get).filter(Boolean).sort((some, other) => other.at - some.at);
}

/** @param {string} form @param {string} number @returns {Draft | null} */
export const draft = (form, number) => get(named(KEPT, form, number));

/** @param {string} form @param {Draft} kept @returns {boolean} whether it is kept */
export const keep = (form, kept) => set(named(KEPT, form, kept.number), kept);

/** @param {string} form @param {string} number */
export function drop(form, number) {
  names()
    .filter((name) => name === named(KEPT, form, number))
    .forEach((name) => window.localStorage.removeItem(name));
}

/** Remember by its mark what was saved, and let the draft go. */
export function saved(form, number, what) {
  drop(form, number);
  set(named(SAVED, form, number), { at: Date.now(), mark: what });
}

/** @param {string} form @param {string} number @returns {string | null} the mark of what was saved */
export const savedMark = (form, number) => get(named(SAVED, form, number))?.mark ?? null;
