// The year as one stop of the Tab key: arrows move from day to day, and from week to week.

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/**
 * Let arrows move in a calendar; without script every day is a link of its own all the same.
 * @param {HTMLElement} year
 */
export function year(year) {
  const days = [...year.querySelectorAll("a.day")];
  const first = days.find((day) => day.hasAttribute("aria-current")) ?? days[0];
  days.forEach((day) => {
    day.tabIndex = day === first ? 0 : -1;
  });
  year.addEventListener("keydown", (event) => {
    const at = days.indexOf(document.activeElement);
    const step = STEPS[event.key];
    if (at < 0 || step === undefined) {
      return;
    }
    event.preventDefault();
    const next = days[at + step];
    if (next) {
      days[at].tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  });
}
