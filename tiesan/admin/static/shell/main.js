// What every page does in the browser; each place has its own modules.

import { announcing } from "../forms/announcing.js";
import { days } from "../forms/days.js";
import { forgetAll, tidy } from "../forms/drafts.js";
import { Files } from "../forms/files.js";
import { Lookup } from "../forms/lookup.js";
import { phrases } from "../forms/phrases.js";
import { shown, toFirstWrong } from "../forms/regions.js";
import { sentOnce } from "../forms/sending.js";
import { short } from "../lists/filters.js";
import { year } from "../persons/year.js";
import { copying } from "./copying.js";
import { menu } from "./menu.js";

menu();
tidy();
shown((place) => {
  place.querySelectorAll("input[data-lookup]").forEach((input) => new Lookup(input));
  place.querySelectorAll("[data-files]").forEach((each) => new Files(each));
  place.querySelectorAll("form[method=post]").forEach(sentOnce);
  place.querySelectorAll("form[method=get]").forEach(short);
  place.querySelectorAll("select[data-phrases]").forEach(phrases);
  place.querySelectorAll("[data-announced]").forEach(announcing);
  place.querySelectorAll("[data-days]").forEach(days);
  place.querySelectorAll("[data-year]").forEach(year);
});
document.querySelectorAll("button[data-copy]").forEach(copying);
document.querySelectorAll("form[data-sign-out]").forEach((form) => {
  form.addEventListener("submit", forgetAll);
});
toFirstWrong(document);
