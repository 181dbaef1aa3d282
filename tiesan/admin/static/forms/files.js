// Files: each is sent as soon as it is picked, and the form then names it by its id.

const STEP = 1024;

/** @param {number} size in bytes @returns {string} as people say it */
function inWords(size) {
  if (size < STEP * STEP) {
    return `${Math.max(1, Math.round(size / STEP))} KB`;
  }
  return `${(size / STEP / STEP).toFixed(1)} MB`;
}

/** @param {string} tag @param {string} style @param {string} text @returns {HTMLElement} */
function made(tag, style, text = "") {
  const element = document.createElement(tag);
  element.className = style;
  element.textContent = text;
  return element;
}

/** The files of a form: an input to pick them, and the list of those that were sent. */
export class Files {
  /** @param {HTMLElement} place around the input and the list; its data say where and how much */
  constructor(place) {
    this.place = place;
    this.input = place.querySelector("input[type=file]");
    this.name = this.input.name;
    this.list = place.querySelector("ul");
    this.form = this.input.form;
    this.underWay = 0;
    this.input.parentElement.classList.add("is-ours");
    // What is sent by the script is not sent with the form once more.
    this.input.removeAttribute("name");
    this.input.addEventListener("change", () => this.picked([...this.input.files]));
    // Whoever was faster than the script has picked some already.
    if (this.input.files.length > 0) {
      this.picked([...this.input.files]);
    }
  }

  /** @returns {number} how many files the form names or is about to */
  get count() {
    return this.underWay + this.list.querySelectorAll("input:checked").length;
  }

  /** @param {File[]} files */
  picked(files) {
    this.input.value = "";
    this.list.querySelectorAll("[data-failed]").forEach((each) => each.remove());
    files.forEach((file) => {
      const row = document.createElement("li");
      this.list.append(row);
      if (this.count >= Number(this.place.dataset.most)) {
        this.refused(row, file, this.place.dataset.tooMany);
      } else if (file.size > Number(this.place.dataset.largest)) {
        this.refused(row, file, this.place.dataset.tooLarge);
      } else {
        this.send(row, file);
      }
    });
  }

  /** @param {HTMLElement} row @param {File} file */
  send(row, file) {
    const sent = new FormData();
    sent.append("csrf_token", this.form.querySelector("input[name=csrf_token]").value);
    sent.append("file", file);
    // Unlike fetch, it says how far it is.
    const request = new XMLHttpRequest();
    this.show(row, file, request);
    this.wait(1);
    request.open("POST", this.place.dataset.files);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.addEventListener("loadend", () => {
      this.wait(-1);
      const answer = request.response;
      if (request.status === 200 && answer) {
        this.done(row, file, answer);
      } else {
        this.refused(row, file, (answer && answer.error) || this.place.dataset.failed, !answer);
      }
    });
    request.send(sent);
  }

  /** @param {HTMLElement} row @param {File} file @param {XMLHttpRequest} request */
  show(row, file, request) {
    const line = made("span", "file");
    const progress = made("progress", "");
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", `${this.place.dataset.underWay}: ${file.name}`);
    request.upload.addEventListener("progress", (event) => {
      progress.value = event.lengthComputable ? event.loaded / event.total : 0;
    });
    line.append(progress, made("span", "file-name", file.name));
    line.append(made("span", "muted", inWords(file.size)));
    row.replaceChildren(line);
  }

  /** @param {HTMLElement} row @param {File} file @param {{file: number, name: string}} answer */
  done(row, file, answer) {
    const line = made("label", "file");
    const tick = document.createElement("input");
    Object.assign(tick, { type: "checkbox", name: this.name, value: answer.file, checked: true });
    line.append(tick, this.small(answer), made("span", "file-name", answer.name));
    line.append(made("span", "muted", inWords(answer.size)));
    row.replaceChildren(line);
  }

  /** @param {{name: string, thumbnail: string | null}} answer @returns {HTMLElement} */
  small(answer) {
    if (!answer.thumbnail) {
      return made("span", "file-small file-kind", answer.name.split(".").pop().toUpperCase());
    }
    const picture = made("img", "file-small");
    picture.alt = "";
    picture.src = answer.thumbnail;
    return picture;
  }

  /** @param {HTMLElement} row @param {File} file @param {string} why @param {boolean} again */
  refused(row, file, why, again = false) {
    const line = made("span", "file");
    const text = made("span", "field-error", `${file.name}: ${why}`);
    text.setAttribute("role", "alert");
    line.append(text);
    if (again) {
      const button = made("button", "btn btn-quiet", this.place.dataset.again);
      button.type = "button";
      button.addEventListener("click", () => this.send(row, file));
      line.append(button);
    } else {
      row.dataset.failed = "1";
    }
    row.replaceChildren(line);
  }

  /** The form is sent when no file is on its way any more. @param {number} more */
  wait(more) {
    this.underWay += more;
    this.form.querySelectorAll("button:not([type=button])").forEach((each) => {
      each.disabled = this.underWay > 0;
    });
  }
}
