// A day in words beside its field: 11月28日 星期六 休息日. Native pickers follow the browser's
// language and know no holidays.

/**
 * Keep what stands beside a date field in step with it; what it says at first the page has brought.
 * @param {HTMLElement} words where it is said, with the address that says it
 */
export function days(words) {
  const input = document.getElementById(words.dataset.days);
  if (!(input instanceof HTMLInputElement)) {
    return;
  }
  let asked = input.value;
  const tell = async () => {
    const day = input.value;
    if (day === asked) {
      return;
    }
    asked = day;
    words.textContent = "";
    if (!day) {
      return;
    }
    try {
      const answer = await fetch(words.dataset.daysUrl + encodeURIComponent(day));
      const said = answer.ok ? (await answer.json()).words : "";
      // Somebody may have chosen another day meanwhile.
      if (asked === day) {
        words.textContent = said;
      }
    } catch {
      // Without a connection the field says the day by itself.
    }
  };
  input.addEventListener("change", tell);
  input.addEventListener("input", tell);
}
