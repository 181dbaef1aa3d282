// The overview: each table of numbers is one stop of the Tab key, arrows move inside it.

import { numbers } from "./moving.js";

document.querySelectorAll("[data-numbers]").forEach(numbers);
