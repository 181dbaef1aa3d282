// Buttons that copy what stands in an input, and say so.

/**
 * Have a button copy the text of the input that it names; where the browser does not let it, the
 * text is marked, to be copied by hand.
 * @param {HTMLButtonElement} button
 */
export function copying(button) {
  const input = document.getElementById(button.dataset.copy ?? "");
  const said = document.getElementById(`${button.dataset.copy}-said`);
  if (!(input instanceof HTMLInputElement)) return;
  button.addEventListener("click", async () => {
    input.focus();
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      return;
    }
    if (said) said.textContent = input.dataset.copied ?? "";
  });
}
