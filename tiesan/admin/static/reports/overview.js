// The overview: each table of numbers is one stop of the Tab key, and two have a chart above them.

import { chart } from "./charts.js";
import { numbers } from "./moving.js";

document.querySelectorAll("[data-numbers]").forEach(numbers);
document.querySelectorAll("[data-chart]").forEach(chart);
