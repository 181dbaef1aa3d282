// The page of a run that is not over: look again every second, and show how far it is.
"use strict";

(() => {
  const WAIT = 1000;

  async function look() {
    const response = await fetch(window.location.href, { redirect: "error" }).catch(() => null);
    if (response && response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const found = page.querySelector("[data-run]");
      const shown = document.querySelector("[data-run]");
      if (found && shown) {
        shown.replaceChildren(...found.childNodes);
        shown.dataset.run = found.dataset.run;
        if (found.dataset.run === "over") {
          follow(page);
        }
      }
    }
    again();
  }

  // What stands beside a run may say more when it is over: what can be done now.
  function follow(page) {
    const beside = page.querySelectorAll("[data-beside-run]");
    document.querySelectorAll("[data-beside-run]").forEach((each, number) => {
      each.replaceChildren(...(beside[number]?.childNodes ?? []));
    });
  }

  function again() {
    if (document.querySelector("[data-run=open]")) {
      setTimeout(look, WAIT);
    }
  }

  again();
})();
