// Comfort for residents' pages. Everything works without it: it sends the same forms to the same addresses, only
// in the background, and puts the answered section in place of the old one. No library, no other site.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const say = (section, words) => {
    const line = section.querySelector(":scope > .status");
    if (line) line.textContent = words;
  };

  // So that a map is put in place only when it can be seen.
  const loaded = (address) => new Promise((done) => {
    const image = new Image();
    image.onload = image.onerror = done;
    image.src = address;
  });

  // Send the form of a live section with some more fields, and show what came back in its place.
  async function send(section, more) {
    const form = section.closest("form");
    const line = section.querySelector(":scope > .status");
    if (section.dataset.busy) return;
    section.dataset.busy = "1";
    say(section, line ? line.dataset.sending : "");
    const body = new FormData(form);
    for (const [name, value] of Object.entries(more)) body.set(name, value);
    try {
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(section.id);
      if (!fresh) throw new Error(String(answer.status));
      const problem = page.querySelector(".notice.error[role=alert]");
      const picture = fresh.querySelector(".map-picture");
      if (picture) await loaded(picture.src);
      const focused = section.contains(document.activeElement) ? document.activeElement : null;
      section.replaceWith(document.adoptNode(fresh));
      enliven(fresh);
      if (problem && !answer.ok) say(fresh, problem.textContent.trim());
      const again = focused && focused.name && fresh.querySelector(`[name="${focused.name}"]:not([type=hidden])` + (focused.value && focused.type !== "file" && focused.type !== "image" ? `[value="${CSS.escape(focused.value)}"]` : ""));
      if (again) again.focus({ preventScroll: true });
    } catch {
      delete section.dataset.busy;
      say(section, line ? line.dataset.failed : "");
    }
  }

  function enlivenMap(section) {
    const picture = section.querySelector(".map-picture");
    if (picture) {
      picture.addEventListener("click", (event) => {
        event.preventDefault();
        const box = picture.getBoundingClientRect();
        const size = Number(picture.dataset.size);
        const isKey = event.detail === 0 && event.clientX === 0 && event.clientY === 0;
        const x = isKey ? 0 : ((event.clientX - box.left) / box.width) * size;
        const y = isKey ? 0 : ((event.clientY - box.top) / box.height) * size;
        send(section, { "spot.x": x.toFixed(1), "spot.y": y.toFixed(1) });
      });
    }
    for (const button of section.querySelectorAll("button[name=go]")) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        send(section, { go: button.value });
      });
    }
    const ask = section.querySelector("[data-gps]");
    if (!ask || !navigator.geolocation) return;
    ask.parentElement.hidden = false;
    ask.addEventListener("click", () => {
      say(section, ask.dataset.asking);
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => send(section, { go: "gps", lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }),
        (error) => say(section, error.code === 1 ? ask.dataset.denied : ask.dataset.failed),
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
      );
    });
  }

  function enlivenFiles(section) {
    const isLive = "live" in section.dataset;
    section.addEventListener("change", (event) => {
      const input = event.target;
      if (input.type === "file" && input.files.length) {
        if (isLive) return send(section, { go: "stay" });
        const n = [...section.querySelectorAll("input[type=file]")].reduce((sum, one) => sum + one.files.length, 0);
        const line = section.querySelector(":scope > .status");
        say(section, line.dataset.chosen.replace("{n}", n));
      } else if (input.name === "remove" && isLive) send(section, { go: "stay" });
    });
  }

  function enliven(section) {
    if (section.id === "map") enlivenMap(section);
    if (section.id === "files") enlivenFiles(section);
  }

  for (const section of document.querySelectorAll("#map, #files")) enliven(section);

  // One submission at a time; the button says that it is under way. (Twice would be one case all the same.)
  for (const form of document.querySelectorAll("main form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "1";
      const button = event.submitter;
      if (button && button.dataset.sending) {
        button.dataset.said = button.textContent;
        button.textContent = button.dataset.sending;
      }
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("main form")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[data-said]")) button.textContent = button.dataset.said;
    }
  });
})();
