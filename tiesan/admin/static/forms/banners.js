// What is said beside a form while it is not saved; the page brings the words.

/**
 * Make a banner, or have one that is there say something else.
 *
 * @param {string} name which of the page's banners
 * @param {Record<string, string>} words what stands in its places
 * @returns {HTMLElement}
 */
export function banner(name, words = {}) {
  const pattern = document.querySelector(`template[data-banner=${name}]`);
  const made = pattern.content.firstElementChild.cloneNode(true);
  made.dataset.shown = name;
  Object.entries(words).forEach(([place, text]) => {
    made.querySelectorAll(`[data-${place}]`).forEach((each) => {
      each.textContent = each.textContent.replace("{}", text) || text;
    });
  });
  return made;
}

/** @param {HTMLFormElement} form take away what is said of sending it */
export function clear(form) {
  form.querySelectorAll("[data-shown]:not([data-shown=draft])").forEach((each) => each.remove());
}

/** Say something above the buttons, where whoever has pressed one looks. */
export function say(form, made) {
  clear(form);
  const buttons = form.querySelector(".form-buttons") ?? form.querySelector("button:last-of-type");
  let before = buttons;
  while (before && before.parentElement !== form) {
    before = before.parentElement;
  }
  form.insertBefore(made, before);
  made.scrollIntoView({ block: "center" });
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hour12: false };
const DAY = { month: "long", day: "numeric" };

/** @param {number} at in milliseconds @returns {string} the time, and of another day its day */
export function inWords(at) {
  const [then, now, language] = [new Date(at), new Date(), document.documentElement.lang];
  const time = then.toLocaleTimeString(language, CLOCK);
  const sameDay = then.toDateString() === now.toDateString();
  return sameDay ? time : `${then.toLocaleDateString(language, DAY)} ${time}`;
}
