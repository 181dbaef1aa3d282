// The region of a page that changes: what an answer brings takes its place, without a new page.

/** @type {Array<(place: ParentNode) => void>} */
const told = [];

/**
 * Have a script look at the page now, and at the region whenever another one takes its place.
 * Whoever listens to elements of the region does it here, or listens no more after an answer.
 *
 * @param {(place: ParentNode) => void} ready
 */
export function shown(ready) {
  told.push(ready);
  ready(document);
}

/** @param {string} html a page as the server sends it @returns {Document} */
export function read(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

/** @param {Document} page @returns {HTMLElement | null} */
export function regionOf(page) {
  return page.getElementById("page-content");
}

/**
 * Put the region of a page that was answered into the place of the one that is shown.
 *
 * @param {Document} page
 * @param {string} address from where it came; the page has it from now on
 */
export function swap(page, address) {
  const region = document.adoptNode(regionOf(page));
  regionOf(document).replaceWith(region);
  document.title = page.title;
  const here = new URL(window.location.href);
  const there = new URL(address, here);
  if (there.pathname + there.search !== here.pathname + here.search) {
    window.history.pushState(null, "", there);
  }
  told.forEach((ready) => ready(region));
  lead(region, there.hash);
}

/** Lead to what is wrong, or else to what the answer says. */
function lead(region, hash) {
  if (toFirstWrong(region)) {
    return;
  }
  const wanted = hash ? document.getElementById(hash.slice(1)) : null;
  const place = wanted ?? region.querySelector("[role=alert], .message") ?? region;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: place === region ? "start" : "nearest" });
}

/**
 * Put the cursor into the first field that is wrong.
 *
 * @param {ParentNode} place
 * @returns {boolean} whether there is one
 */
export function toFirstWrong(place) {
  const wrong = [...place.querySelectorAll("[aria-invalid=true]")];
  const first = wrong.find((each) => each.type !== "hidden" && each.checkVisibility());
  first?.focus();
  return Boolean(first);
}
