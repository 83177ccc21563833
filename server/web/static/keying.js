"use strict";
// The keying screen: a number key answers, Enter goes on, what does not apply is passed over. Without this script the
// page is an ordinary form; what applies is decided by the server alone, here it is only shown.
(function () {
  const form = document.getElementById("keying");
  if (!form) return;
  const count = document.getElementById("count");
  const TWO_DIGITS_WITHIN = 700;
  let asked = 0, shown = 0, waiting = Promise.resolve(), timer = 0, typed = "", typedAt = 0, typedIn = null;

  function stops() {
    return Array.from(form.querySelectorAll(".key-field, button[value=send]")).filter(function (element) {
      if (element.closest("[hidden]")) return false;
      if (element.type !== "radio" && element.type !== "checkbox") return true;
      const row = element.closest(".key-row");
      if (!row) return false;
      const chosen = row.querySelector("input:checked");
      return element === (chosen && !row.hasAttribute("data-several") ? chosen : row.querySelector("input"));
    });
  }

  function stopOf(element) {
    const row = element.closest(".key-choices");
    const all = stops();
    return row ? all.findIndex(function (stop) { return row.contains(stop); }) : all.indexOf(element);
  }

  function move(from, step) {
    const all = stops(), next = all[stopOf(from) + step];
    if (!next) return;
    next.focus();
    if (next.select && (next.type === "text")) next.select();
    next.scrollIntoView({ block: "center" });
  }

  // One question at a time to the server; an answer that comes late is dropped.
  function refresh() {
    const mine = ++asked;
    waiting = fetch(form.dataset.state, { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (state) {
        if (!state || mine < shown) return;
        shown = mine;
        const applies = new Set(state.applies);
        form.querySelectorAll("[data-name]").forEach(function (row) { row.hidden = !applies.has(row.dataset.name); });
        count.textContent = count.dataset.words.replace("#", state.ticked).replace("@", state.total);
      })
      .catch(function () { /* without a network the page stays as it is; sending says so */ });
    return waiting;
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(refresh, 400);
  }

  function answered(element) {
    const row = element.closest("[data-name]");
    if (row && row.hasAttribute("data-drives")) { clearTimeout(timer); refresh(); } else { soon(); }
  }

  function choose(row, key) {
    const input = row.querySelector('input[data-key="' + key + '"]');
    if (!input) return false;
    const off = input.checked && row.hasAttribute("data-several");
    input.checked = !off;
    input.focus();
    answered(input);
    return true;
  }

  function digit(row, key) {
    const now = Date.now();
    const both = row === typedIn && now - typedAt < TWO_DIGITS_WITHIN ? typed + key : "";
    typedIn = row; typedAt = now; typed = key;
    if (both && row.querySelector('input[data-key="' + both + '"]')) {
      const first = row.querySelector('input[data-key="' + both.charAt(0) + '"]');
      if (first && row.hasAttribute("data-several")) first.checked = !first.checked;
      return choose(row, both);
    }
    return choose(row, key);
  }

  form.addEventListener("keydown", function (event) {
    const element = event.target;
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = element.closest(".key-choices");
    if (row && /^[0-9]$/.test(event.key)) {
      if (digit(row, event.key)) event.preventDefault();
    } else if (row && (event.key === "Backspace" || event.key === "Delete")) {
      row.querySelectorAll("input:checked").forEach(function (input) { input.checked = false; });
      answered(element);
      event.preventDefault();
    } else if (event.key === "Enter" && element.type !== "submit") {
      event.preventDefault();
      const back = event.shiftKey;
      // What the answer just given changes must be known before the next question is looked for.
      waiting.then(function () { move(element, back ? -1 : 1); });
    }
  });
  form.addEventListener("change", function (event) { if (event.target.name && event.target.name.startsWith("q.")) answered(event.target); });

  let changed = false;
  form.addEventListener("input", function () { changed = true; });
  form.addEventListener("submit", function () { changed = false; });
  window.addEventListener("beforeunload", function (event) { if (changed) event.preventDefault(); });

  const problems = document.getElementById("problems");
  const wrong = form.querySelector(".has-error .key-field");
  const start = problems ? wrong || problems : stops()[0];
  if (start) start.focus();
})();
