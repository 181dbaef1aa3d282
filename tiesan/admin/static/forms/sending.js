// Forms that are sent once.

/**
 * Keep a form from being sent a second time by a second click. What is wrong in it the answer
 * says, but for a name that was not chosen: it would be sent as none.
 *
 * @param {HTMLFormElement} form
 */
export function sentOnce(form) {
  form.addEventListener("submit", (event) => {
    const lookups = [...form.querySelectorAll("input[data-lookup]")];
    const open = lookups.find((input) => input.validity.customError);
    if (open) {
      event.preventDefault();
      open.reportValidity();
    } else if (form.dataset.sent) {
      event.preventDefault();
    } else {
      form.dataset.sent = "1";
      form.setAttribute("aria-busy", "true");
    }
  });
  // Coming back by the browser's button, the form may be sent again.
  window.addEventListener("pageshow", () => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
}

const NUMBER = /^[0-9a-f]{16}$/;

/**
 * Put the number that tells a page of a form from every other one into the address. A page that
 * is fetched anew, by going back or by reloading, has the same number then: sent once more, it
 * stores no second record.
 *
 * @param {HTMLFormElement} form
 */
export function sameNumber(form) {
  const input = form.elements.namedItem("once");
  if (!input || !window.location.pathname.includes("/new/")) {
    return;
  }
  const address = new URL(window.location.href);
  const known = address.searchParams.get("once") ?? "";
  if (NUMBER.test(known)) {
    input.value = known;
  } else if (NUMBER.test(input.value)) {
    address.searchParams.set("once", input.value);
    window.history.replaceState(window.history.state, "", address);
  }
}
