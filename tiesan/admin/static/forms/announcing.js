// What a form would raise and clear, asked while it is filled in; nothing of it is stored.

const WAIT = 400;
// What rules read; what a text says decides nothing.
const DECIDES = "select, input:not([type=text], [type=file], [type=hidden]), input[data-lookup]";

/** Shows below a form what saving it would bring; only the latest answer counts. */
class Announcing {
  /** @param {HTMLFormElement} form @param {HTMLElement} list */
  constructor(form, list) {
    this.form = form;
    this.list = list;
    this.timer = 0;
    this.request = new AbortController();
    form.addEventListener("change", (event) => {
      if (event.target.matches(DECIDES)) {
        this.later();
      }
    });
    // What is being saved is told by the page that follows.
    form.addEventListener("submit", () => this.stop());
    if (list.dataset.announced === "now") {
      this.later();
    }
  }

  later() {
    this.stop();
    this.timer = window.setTimeout(() => this.ask(), WAIT);
  }

  stop() {
    window.clearTimeout(this.timer);
    this.request.abort();
  }

  async ask() {
    const body = new FormData(this.form);
    body.set("announce", "1");
    this.request = new AbortController();
    const { signal } = this.request;
    let lines = [];
    try {
      const answer = await fetch(window.location.href, {
        method: "POST",
        body,
        signal,
        headers: { Accept: "application/json" },
      });
      lines = answer.ok ? (await answer.json()).lines : [];
    } catch {
      lines = [];
    }
    if (!signal.aborted) {
      this.show(lines);
    }
  }

  /** @param {string[]} lines */
  show(lines) {
    this.list.replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }),
    );
  }
}

/** @param {HTMLElement} list that shows what its form would raise and clear */
export const announcing = (list) => new Announcing(list.closest("form"), list);
