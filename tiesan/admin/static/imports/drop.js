// Where files are dropped: they are sent as soon as they are chosen.
"use strict";

(() => {
  /** @param {HTMLFormElement} form */
  function prepare(form) {
    const input = form.querySelector("input[type=file]");
    form.querySelector("[data-drop-here]").hidden = false;
    input.addEventListener("change", () => {
      if (input.files.length) {
        form.classList.add("is-sending");
        form.requestSubmit();
      }
    });
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
