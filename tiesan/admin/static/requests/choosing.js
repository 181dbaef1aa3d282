// Choosing all requests of the queue by one touch.

const all = document.querySelector("[data-choose-all]");

if (all) {
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll(".pick-request input")) {
      box.checked = all.checked;
    }
  });
}
