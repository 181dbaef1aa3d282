// The menu on a phone: opened by its button, closed by Escape or a tap beside it.

/** Have the menu button open and close the side navigation; does nothing on a page without them. */
export function menu() {
  const button = document.querySelector("[data-menu]");
  const side = document.getElementById("page-side");
  if (!button || !side) {
    return;
  }
  const show = (open) => {
    side.classList.toggle("is-open", open);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => show(!side.classList.contains("is-open")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && side.classList.contains("is-open")) {
      show(false);
      button.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!side.contains(event.target) && !button.contains(event.target)) {
      show(false);
    }
  });
}
