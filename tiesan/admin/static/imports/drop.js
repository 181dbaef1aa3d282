// Where files are dropped: they are sent as soon as they are chosen.
"use strict";

(() => {
  /** @param {HTMLFormElement} form */
  function prepare(form) {
    const input = form.querySelector("input[type=file]");
    input.parentElement.classList.add("is-ours");
    form.querySelector("[data-drop-here]").hidden = false;
    const send = () => {
      if (input.files.length) {
        form.classList.add("is-sending");
        form.requestSubmit();
      }
    };
    input.addEventListener("change", send);
    // On a slow line a file may be chosen before this script has arrived; who comes back has sent it.
    if (performance.getEntriesByType("navigation")[0]?.type === "navigate") {
      send();
    }
    form.addEventListener("dragover", (event) => {
      event.preventDefault();
      form.classList.add("is-over");
    });
    form.addEventListener("dragleave", () => form.classList.remove("is-over"));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      form.classList.remove("is-over");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    });
  }

  document.querySelectorAll("[data-drop]").forEach(prepare);
})();
