// Look-ups: references are chosen from what was found, never typed as codes.

// Milliseconds after the last key before the server is asked.
const WAIT = 180;

/**
 * A look-up: a text input that finds rows by name or code, beside the hidden id that is sent.
 */
export class Lookup {
  /** @param {HTMLInputElement} input the text input, inside a form that says where to ask */
  constructor(input) {
    this.input = input;
    this.box = input.parentElement;
    this.hidden = this.box.querySelector("input[type=hidden]");
    this.form = input.form;
    this.asked = 0;
    this.list = document.createElement("ul");
    this.list.className = "lookup-list";
    this.list.id = `${input.id}-list`;
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    this.box.append(this.list);
    const roles = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
      "aria-expanded": "false",
    };
    Object.entries(roles).forEach(([name, value]) => input.setAttribute(name, value));
    input.addEventListener("input", () => this.typed());
    input.addEventListener("focus", () => this.ask());
    input.addEventListener("blur", () => this.close());
    input.addEventListener("keydown", (event) => this.key(event));
    // Not "click": by then the input has lost the focus and the list is gone.
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) {
        this.choose(option);
      }
    });
    this.catchUp();
  }

  // On a slow line somebody may be typing before this script has arrived.
  catchUp() {
    if (document.activeElement !== this.input) {
      return;
    }
    if (this.input.value === this.input.defaultValue) {
      this.ask();
    } else {
      this.typed();
    }
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  // What was found belongs to what was typed before: it goes, and so does an answer on its way.
  typed() {
    this.hidden.value = "";
    this.close();
    this.list.replaceChildren();
    this.check();
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  // A text that was typed but not chosen names nobody: it is not sent away silently.
  check() {
    const open = this.input.value.trim() !== "" && this.hidden.value === "";
    this.input.setCustomValidity(open ? this.form.dataset.lookupChoose : "");
  }

  async ask() {
    const number = ++this.asked;
    const query = this.hidden.value ? "" : this.input.value.trim();
    const address = new URL(this.form.dataset.lookupUrl, window.location.href);
    address.searchParams.set("name", this.input.dataset.lookup);
    address.searchParams.set("query", query);
    address.searchParams.set("offset", "0");
    address.searchParams.set("limit", "20");
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok || number !== this.asked || document.activeElement !== this.input) {
      return;
    }
    this.show(await response.json());
  }

  /** @param {Array<[number, string]>} rows id and description of each row found */
  show(rows) {
    const items = rows.map(([id, text], position) => {
      const item = document.createElement("li");
      item.id = `${this.list.id}-${position}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.dataset.id = id;
      item.textContent = text;
      return item;
    });
    if (items.length === 0) {
      const none = document.createElement("li");
      none.className = "none";
      none.textContent = this.form.dataset.lookupNone;
      items.push(none);
    }
    this.list.replaceChildren(...items);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.asked += 1;
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {HTMLElement} option the row that was chosen from the list */
  choose(option) {
    this.hidden.value = option.dataset.id;
    this.input.value = option.textContent;
    this.check();
    this.close();
    this.input.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const options = this.options;
    const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "Escape") {
      this.close();
    } else if (event.key === "Enter" && !this.list.hidden && at >= 0) {
      event.preventDefault();
      this.choose(options[at]);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length > 0) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.mark(options, (at + step + options.length) % options.length);
    }
  }

  /** @param {HTMLElement[]} options @param {number} position of the option to mark */
  mark(options, position) {
    options.forEach((each, at) => each.setAttribute("aria-selected", String(at === position)));
    this.input.setAttribute("aria-activedescendant", options[position].id);
    options[position].scrollIntoView({ block: "nearest" });
  }
}
