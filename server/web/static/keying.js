"use strict";
// The keying screen: a number key answers, Enter goes on, what does not apply is passed over. Without this script the
// page is an ordinary form; what applies is decided by the server alone, here it is only shown.
(function () {
  const form = document.getElementById("keying");
  if (!form) return;
  const count = document.getElementById("count");
  const TWO_DIGITS_WITHIN = 700;
  let asked = 0, shown = 0, timer = 0, typed = "", typedAt = 0, typedIn = null;
  // What the answers to come depend on: changed since the server was asked; the answer awaited; keys typed meanwhile.
  let stale = false, gate = null;
  const queue = [];
  let changed = false;

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
    clearTimeout(timer);
    stale = false;
    return fetch(form.dataset.state, { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (state) {
        if (!state || mine < shown) return;
        shown = mine;
        const applies = new Set(state.applies);
        form.querySelectorAll("[data-name]").forEach(function (row) { row.hidden = !applies.has(row.dataset.name); });
        count.textContent = count.dataset.words.replace("#", state.ticked).replace("@", state.total);
      })
      .catch(function () { /* without a network the page stays as it is; sending says so */ });
  }

  function ask() {
    const mine = refresh().then(function () { if (gate === mine) gate = null; });
    gate = mine;
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(refresh, 400);
  }

  function drives(element) {
    const row = element.closest("[data-name]");
    return Boolean(row && row.hasAttribute("data-drives"));
  }

  function answered(element) {
    changed = true;
    if (drives(element)) ask(); else soon();
  }

  // Where the next question depends on the answer just given, it is known before we go on; keys typed meanwhile wait.
  function enter(element, back) {
    if (stale) ask();
    if (!gate) { move(element, back ? -1 : 1); return; }
    const awaited = gate;
    queue.waiting = true;
    awaited.then(function () {
      queue.waiting = false;
      move(element, back ? -1 : 1);
      while (queue.length && !queue.waiting) replay(queue.shift());
    });
  }

  function replay(key) {
    const element = document.activeElement, row = element.closest(".key-choices");
    if (key.name === "Enter") { if (element.type !== "submit") enter(element, key.shift); }
    else if (row) { if (/^[0-9]$/.test(key.name)) digit(row, key.name); }
    else if (element.type === "text" && key.name.length === 1) {
      element.setRangeText(key.name, element.selectionStart, element.selectionEnd, "end");
      element.dispatchEvent(new Event("input", { bubbles: true }));
    }
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
    if (queue.waiting && (event.key === "Enter" || event.key.length === 1)) {
      queue.push({ name: event.key, shift: event.shiftKey });
      event.preventDefault();
      return;
    }
    const row = element.closest(".key-choices");
    if (row && /^[0-9]$/.test(event.key)) {
      if (digit(row, event.key)) event.preventDefault();
    } else if (row && (event.key === "Backspace" || event.key === "Delete")) {
      row.querySelectorAll("input:checked").forEach(function (input) { input.checked = false; });
      answered(element);
      event.preventDefault();
    } else if (event.key === "Enter" && element.type !== "submit") {
      event.preventDefault();
      enter(element, event.shiftKey);
    }
  });
  form.addEventListener("input", function (event) {
    changed = true;
    if (drives(event.target)) stale = true;
  });
  form.addEventListener("change", function (event) {
    const element = event.target;
    if (!element.name || !element.name.startsWith("q.")) return;
    if (element.type === "text" && drives(element) && !stale) return;
    answered(element);
  });

  form.addEventListener("submit", function () { changed = false; });
  window.addEventListener("beforeunload", function (event) { if (changed) event.preventDefault(); });

  const problems = document.getElementById("problems");
  const wrong = form.querySelector(".has-error .key-field");
  const start = problems ? wrong || problems : stops()[0];
  if (start) start.focus();
})();
