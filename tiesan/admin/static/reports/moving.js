// A table of numbers as one stop of the Tab key: arrows move from number to number.

const STEPS = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/**
 * Let arrows move in a table; without script every number is a link of its own all the same.
 * @param {HTMLTableElement} table
 */
export function numbers(table) {
  const rows = [...table.tBodies[0].rows];
  const links = [...table.querySelectorAll("td a")];
  links.forEach((link, at) => {
    link.tabIndex = at === 0 ? 0 : -1;
  });
  table.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const cell = document.activeElement?.closest("td");
    if (!step || !cell) {
      return;
    }
    event.preventDefault();
    const next = linkFrom(rows, rows.indexOf(cell.parentElement), cell.cellIndex, step);
    if (next) {
      document.activeElement.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  });
}

/**
 * The nearest link from a cell in one direction; cells without one are passed over.
 * @param {HTMLTableRowElement[]} rows
 * @param {number} row
 * @param {number} column
 * @param {number[]} step
 * @returns {HTMLAnchorElement | null}
 */
function linkFrom(rows, row, column, [down, right]) {
  let [y, x] = [row + down, column + right];
  while (rows[y]?.cells[x]) {
    const link = rows[y].cells[x].querySelector("a");
    if (link) {
      return link;
    }
    [y, x] = [y + down, x + right];
  }
  return null;
}
