// Small comforts of the office; every page works without them. Keys, a countdown, news, no double submission.
"use strict";
(() => {
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const one = (what, where = document) => where.querySelector(what);

  // --- rows: j k Enter
  const rows = all("[data-row]");
  let here = -1;
  const go = (n) => {
    if (!rows.length) return;
    here = Math.max(0, Math.min(rows.length - 1, n));
    rows.forEach((row, i) => row.classList.toggle("here", i === here));
    const link = one("[data-open]", rows[here]);
    link.focus({ preventScroll: true });
    rows[here].scrollIntoView({ block: "nearest" });
    sessionStorage.setItem("office-row", link.getAttribute("href"));
  };
  const kept = sessionStorage.getItem("office-row");
  const again = rows.findIndex((row) => one("[data-open]", row).getAttribute("href") === kept);
  if (again >= 0) { here = again; rows[again].classList.add("here"); }

  // --- keys
  const keys = one("#keys");
  const typing = (event) => /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "radio";
  const acts = {
    j: () => go(here + 1), k: () => go(here - 1), ArrowDown: null, ArrowUp: null,
    o: () => here >= 0 && one("[data-open]", rows[here]).click(),
    u: () => one("[data-back]")?.click(),
    "/": () => one("[data-search]")?.focus(),
    "?": () => keys?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event)) return;
    const choice = /^[1-5]$/.test(event.key) && one(`.first-act [data-key="${event.key}"]`);
    if (choice) { choice.checked = true; choice.focus(); choice.dispatchEvent(new Event("change", { bubbles: true })); event.preventDefault(); return; }
    if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  });
  all("[data-show-keys]").forEach((button) => { button.classList.remove("hidden"); button.addEventListener("click", acts["?"]); });

  // --- forms: ask before what is grave; a second click does nothing
  all("form[data-confirm]").forEach((form) => form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  }));
  all("form[data-once]").forEach((form) => form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
  }));

  // --- one desk: another category, other units
  const desk = one("[data-one-desk]");
  if (desk) {
    const refresh = one("[name=refresh]", desk);
    desk.addEventListener("change", (event) => {
      if (/^category/.test(event.target.name)) { sessionStorage.setItem("office-scroll", String(window.scrollY)); refresh.click(); }
    });
    const back = sessionStorage.getItem("office-scroll");
    if (back !== null) { sessionStorage.removeItem("office-scroll"); window.scrollTo(0, Number(back)); }
  }

  // --- undo: counts down and goes
  const undo = one("[data-undo]");
  if (undo) {
    const until = Date.now() + Number(undo.dataset.undo) * 1000;
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left <= 0) { undo.remove(); return; }
      one("[data-left]", undo).textContent = String(left);
      window.setTimeout(tick, 250);
    };
    tick();
  }

  // --- news: says that something has come, and waits; the list never moves by itself
  const waits = one("[data-waits]");
  if (waits) {
    const bar = one("[data-news-bar]");
    const known = Object.fromEntries(all("[data-wait]", waits).map((row) => [row.dataset.wait, Number(row.dataset.n)]));
    window.setInterval(async () => {
      if (document.hidden || !bar.classList.contains("hidden")) return;
      try {
        const answer = await fetch(waits.dataset.news, { headers: { Accept: "application/json", "X-Wangge-Background": "1" } });
        if (!answer.ok || answer.redirected) return;
        const now = (await answer.json()).waiting;
        if (Object.entries(now).some(([key, n]) => n !== (known[key] ?? 0))) bar.classList.remove("hidden");
      } catch { /* no network: nothing to say */ }
    }, 60000);
  }

  // --- print, and a click on the map of a new report
  all("[data-print]").forEach((button) => { button.classList.remove("hidden"); button.addEventListener("click", () => window.print()); });
})();
