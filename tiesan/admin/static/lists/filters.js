// The filters of a list.

/**
 * Keep filters that are left empty out of the address.
 *
 * @param {HTMLFormElement} form
 */
export function short(form) {
  form.addEventListener("formdata", (event) => {
    [...event.formData.entries()]
      .filter(([, value]) => value === "")
      .forEach(([name]) => event.formData.delete(name));
  });
}
