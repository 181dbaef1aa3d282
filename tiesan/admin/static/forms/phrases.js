// Own phrases beside a text.

/**
 * Put the phrase that is chosen into the text, where the cursor is.
 *
 * @param {HTMLSelectElement} select
 */
export function phrases(select) {
  const text = document.getElementById(select.dataset.phrases);
  select.hidden = false;
  select.addEventListener("change", () => {
    if (select.value) {
      text.setRangeText(select.value, text.selectionStart, text.selectionEnd, "end");
      select.value = "";
      text.focus();
    }
  });
}
