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
