// What every page does in the browser; each place has its own modules.

import { days } from "../forms/days.js";
import { Files } from "../forms/files.js";
import { Lookup } from "../forms/lookup.js";
import { phrases } from "../forms/phrases.js";
import { sameNumber, sentOnce } from "../forms/sending.js";
import { short } from "../lists/filters.js";
import { year } from "../persons/year.js";
import { menu } from "./menu.js";

menu();
document.querySelectorAll("input[data-lookup]").forEach((input) => new Lookup(input));
document.querySelectorAll("[data-files]").forEach((place) => new Files(place));
document.querySelectorAll("form[method=post]").forEach(sentOnce);
document.querySelectorAll("form[method=post]").forEach(sameNumber);
document.querySelectorAll("form[method=get]").forEach(short);
document.querySelectorAll("select[data-phrases]").forEach(phrases);
document.querySelectorAll("[data-days]").forEach(days);
document.querySelectorAll("[data-year]").forEach(year);
