// The editor: what is written is drawn and judged by the server a moment after the last key.
"use strict";

const PAUSE_MS = 200;
const payload = document.getElementById("payload");
const drawn = document.getElementById("drawn");
const phone = document.getElementById("phone");
const list = document.getElementById("problems");
const builder = document.querySelector(".builder");
let waiting = 0;
let asked = 0;

function item(problem) {
  const line = document.createElement("b");
  line.textContent = `line ${problem.line}`;
  const path = document.createElement("code");
  path.textContent = problem.path || problem.word;
  const one = document.createElement("li");
  one.dataset.path = problem.path;
  one.dataset.line = problem.line;
  const go = document.createElement("button");
  go.type = "button";
  go.append(line, " ", path, " ", problem.text);
  one.append(go);
  return one;
}

function said(text) {
  const one = document.createElement("li");
  one.textContent = text;
  return one;
}

// The drawn element nearest to a path: blocks[2].text.text → blocks[2].
function elementAt(path) {
  for (let at = path; at; at = at.slice(0, Math.max(at.lastIndexOf("."), at.lastIndexOf("["), 0))) {
    const found = drawn.querySelector(`[data-path="${CSS.escape(at)}"]`);
    if (found) return found;
  }
  return null;
}

function mark(problems) {
  for (const problem of problems) elementAt(problem.path)?.classList.add("at-fault");
}

function age(isStale) {
  for (const part of [drawn, phone]) part.classList.toggle("stale", isStale);
}

function show(answer) {
  const isFine = answer.problems.length === 0;
  list.classList.toggle("fine", isFine);
  list.replaceChildren(...(isFine ? [said("Slack would take it.")] : answer.problems.map(item)));
  age(answer.html === "");
  if (answer.html === "") return; // no JSON at the moment: the last picture stays
  drawn.innerHTML = answer.html; // escaped by the server, and the page's policy lets no script in it run
  phone.innerHTML = answer.phone;
  builder.href = answer.builder;
  builder.hidden = answer.builder === "";
  mark(answer.problems);
}

async function draw() {
  const turn = ++asked;
  try {
    const response = await fetch("/draw", { method: "POST", body: payload.value });
    const told = response.ok ? await response.json() : null;
    if (turn !== asked) return; // a later one is on its way
    if (told) return show(told);
    fail((await response.text()).trim());
  } catch {
    if (turn === asked) fail("The preview has ended: start `bongsu preview` again.");
  }
}

function fail(text) {
  list.classList.remove("fine");
  list.replaceChildren(said(text));
  age(true);
}

function goToLine(number) {
  const lines = payload.value.split("\n");
  const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
  payload.focus();
  payload.setSelectionRange(start, start + (lines[number - 1] ?? "").length);
  payload.scrollTop = (payload.scrollHeight / lines.length) * Math.max(0, number - 5);
}

// The theme changes without a new visit, which would take away what is written.
for (const link of document.querySelectorAll("a[data-to-theme]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.documentElement.dataset.theme = link.dataset.toTheme;
    for (const one of link.parentElement.children) one.ariaCurrent = one === link ? "true" : null;
  });
}
payload.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(draw, PAUSE_MS);
});
list.addEventListener("click", (event) => {
  const one = event.target.closest("li[data-line]");
  if (!one) return;
  goToLine(Number(one.dataset.line));
  elementAt(one.dataset.path)?.scrollIntoView({ block: "center" });
});
mark([...list.querySelectorAll("li[data-path]")].map((one) => ({ path: one.dataset.path })));
