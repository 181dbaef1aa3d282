// Charts of the overview, drawn from the tables below them; the table is what is read.

const TICKS = { fontSize: 12 };

/**
 * Draw a chart of a table: a line for each column by month, or bars of ages stacked by severity.
 * @param {HTMLElement} place
 */
export function chart(place) {
  const table = document.querySelector(`#${place.dataset.of} [data-numbers]`);
  const { echarts } = window;
  if (!table || !echarts) {
    return;
  }
  const drawn = echarts.init(place, null, { renderer: "canvas" });
  drawn.setOption(options(read(table), place.dataset.chart));
  new ResizeObserver(() => drawn.resize()).observe(place);
}

/**
 * What a table says: the titles of its lines, and for each column its title and its numbers.
 * @param {HTMLTableElement} table
 */
function read(table) {
  const [, ...heads] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows];
  return {
    lines: rows.map((row) => row.cells[0].textContent.trim()),
    columns: heads.map((title, at) => ({
      title,
      numbers: rows.map((row) => Number.parseInt(row.cells[at + 1].textContent, 10) || 0),
    })),
  };
}

/**
 * The options of a chart. Tips are drawn on the canvas: as HTML they would need inline styles.
 * @param {{lines: string[], columns: {title: string, numbers: number[]}[]}} told
 * @param {string} kind
 */
function options(told, kind) {
  const bars = kind === "ages";
  const colours = (bars ? ["--accent", "--alert", "--warning", "--notice-ink"]
    : ["--accent", "--alert", "--success"]).map(colour);
  const text = { color: colour("--ink-soft"), fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: false,
    color: colours,
    textStyle: text,
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, textStyle: text, itemHeight: 10 },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: bars ? "shadow" : "line" } },
    xAxis: { type: "category", data: told.lines, axisLabel: { ...TICKS, ...text } },
    yAxis: { type: "value", minInterval: 1, axisLabel: { ...TICKS, ...text },
      splitLine: { lineStyle: { color: colour("--line-soft") } } },
    series: told.columns.map(({ title, numbers }) => ({
      name: title,
      type: bars ? "bar" : "line",
      data: numbers,
      ...(bars ? { stack: "all", barMaxWidth: 48 } : { symbolSize: 7, lineStyle: { width: 2 } }),
    })),
  };
}

/**
 * A colour of the page by its name.
 * @param {string} name
 */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
