"use strict";
const form = document.getElementById("search");
const articles = [...document.querySelectorAll("article")];
const rows = new Map([...document.querySelectorAll("tr[data-feature]")].map((row) => [row.dataset.feature, row]));
const texts = new Map(articles.map((one) => [one, [one.id, one.dataset.family.replace("_", " "), one.dataset.unit,
  ...[...one.querySelectorAll(".definition, .origins, .steps")].map((part) => part.textContent)].join(" ").toLowerCase()]));

// Every word must be there, and every filter that is set must hold; what is asked for is kept in the address.
function show() {
  const asked = Object.fromEntries(new FormData(form));
  const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
  const filters = ["family", "sign", "input", "agreement"].filter((name) => asked[name]);
  let count = 0;
  for (const one of articles) {
    const isAsked = words.every((word) => texts.get(one).includes(word))
      && filters.every((name) => one.dataset[name] === asked[name]);
    one.hidden = rows.get(one.id).hidden = !isAsked;
    count += isAsked;
  }
  for (const family of document.querySelectorAll(".family")) {
    family.hidden = ![...family.querySelectorAll("article")].some((one) => !one.hidden);
  }
  document.getElementById("count").value = count === 1 ? "1 feature" : `${count} features`;
}

function remember() {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  history.replaceState(null, "", asked.size ? `#?${asked}` : location.pathname);
}

function recall() {
  if (!location.hash.startsWith("#?")) return;
  for (const [name, value] of new URLSearchParams(location.hash.slice(2))) {
    if (form.elements[name]) form.elements[name].value = value;
  }
}

function sortBy(heading) {
  const column = heading.cellIndex, isDown = heading.dataset.order === "up";
  const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
  const compare = heading.dataset.sort === "number"
    ? (a, b) => (value(a) === "") - (value(b) === "") || (isDown ? value(b) - value(a) : value(a) - value(b))
    : (a, b) => (isDown ? -1 : 1) * value(a).localeCompare(value(b));
  for (const other of heading.parentNode.cells) delete other.dataset.order;
  heading.dataset.order = isDown ? "down" : "up";
  heading.closest("table").tBodies[0].append(...[...rows.values()].sort(compare));
}

form.addEventListener("input", () => { show(); remember(); });
form.addEventListener("submit", (event) => event.preventDefault());
for (const heading of document.querySelectorAll("th[data-sort]")) heading.addEventListener("click", () => sortBy(heading));
// A link to a feature that the search has hidden shows it again.
addEventListener("hashchange", () => {
  recall();
  const target = document.getElementById(location.hash.slice(1));
  if (target?.hidden) { form.reset(); }
  show();
  target?.scrollIntoView();
});
recall();
show();
