// The number that tells a page of a form from every other one: sent twice, it stores once.

const NUMBER = /^[0-9a-f]{16}$/;
const BYTES = 8;

/** @param {HTMLFormElement} form @returns {HTMLInputElement | null} */
export const inputOf = (form) => form.querySelector("input[type=hidden][name=once]");

/** @param {HTMLFormElement} form @returns {URL} where it is sent */
export function addressOf(form) {
  return new URL(form.getAttribute("action") || window.location.href, window.location.href);
}

/**
 * What names a form among all others, whatever its address fills in besides.
 *
 * @param {HTMLFormElement} form @returns {string}
 */
export function nameOf(form) {
  const address = addressOf(form);
  const row = address.searchParams.get("id");
  return address.pathname + (row ? `?id=${row}` : "");
}

/** @param {HTMLFormElement} form @returns {boolean} whether the page is there for this form */
const isOfPage = (form) => addressOf(form).pathname === window.location.pathname;

/**
 * Say the number of the page's form in the address: fetched anew, by going back or by reloading,
 * the page has the same number then.
 *
 * @param {HTMLFormElement} form
 */
export function showNumber(form) {
  const number = inputOf(form).value;
  if (!isOfPage(form) || !NUMBER.test(number)) {
    return;
  }
  const address = new URL(window.location.href);
  if (address.searchParams.get("once") !== number) {
    address.searchParams.set("once", number);
    window.history.replaceState(window.history.state, "", address);
  }
}

/** @param {HTMLFormElement} form @param {string} number */
export function setNumber(form, number) {
  inputOf(form).value = number;
  showNumber(form);
}

/** @returns {string} a number that no page has */
export function newNumber() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(BYTES));
  return [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
}
