// The phone pages work without this file. With it: the camera sends at once, the position is found, nothing is sent twice.
"use strict";
(() => {
  document.documentElement.classList.add("has-script");

  // photos: made smaller before they travel, then sent at once (data-sends) or shown
  const LONGEST_PX = 2000;
  async function smaller(file) {
    if (!file.type.startsWith("image/") || file.size < 700_000 || !window.createImageBitmap) return file;
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
    } catch {
      return file;
    }
  }
  function shown(box, files) {
    const list = box.querySelector(".chosen");
    for (const file of files) {
      const row = document.createElement("li");
      const picture = document.createElement("img");
      picture.src = URL.createObjectURL(file);
      picture.alt = file.name;
      row.append(picture);
      list.append(row);
    }
    list.hidden = !list.children.length;
  }
  for (const box of document.querySelectorAll(".camera")) {
    for (const input of box.querySelectorAll("input[type=file]")) {
      input.addEventListener("change", async () => {
        if (!input.files.length) return;
        const files = await Promise.all([...input.files].map(smaller));
        const held = new DataTransfer();
        files.forEach((file) => held.items.add(file));
        input.files = held.files;
        box.querySelectorAll(".chosen li").forEach((row) => row.remove());
        for (const each of box.querySelectorAll("input[type=file]")) shown(box, each.files);
        if ("sends" in box.dataset) {
          box.querySelector(".working").hidden = false;
          input.form.requestSubmit();
        }
      });
    }
  }

  // the position: asked for when this step is open, sent only by a tap
  const gps = document.getElementById("gps");
  if (gps && navigator.geolocation) {
    gps.hidden = false;
    const button = gps.querySelector("button");
    const words = gps.querySelector(".words");
    const fix = (position) => {
      const at = position.coords;
      gps.elements.lon.value = at.longitude;
      gps.elements.lat.value = at.latitude;
      gps.elements.accuracy_m.value = Math.round(at.accuracy);
      words.textContent = gps.dataset.ready.replace("{m}", Math.round(at.accuracy));
      button.disabled = false;
      gps.querySelector(".refused").hidden = true;
    };
    const refused = () => {
      if (!button.disabled) return;
      button.hidden = true;
      const why = gps.querySelector(".refused");
      why.textContent = gps.dataset.refused;
      why.hidden = false;
    };
    const watch = navigator.geolocation.watchPosition(fix, refused, { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 });
    window.setTimeout(() => navigator.geolocation.clearWatch(watch), 60000);
  }

  // all categories: narrowed while typing
  for (const input of document.querySelectorAll("[data-filter]")) {
    const all = document.querySelector(input.dataset.filter);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      all.open = all.open || wanted.length > 0;
      for (const part of all.querySelectorAll("section")) {
        let found = 0;
        for (const row of part.querySelectorAll("li")) {
          row.hidden = wanted && !row.textContent.toLowerCase().includes(wanted);
          found += row.hidden ? 0 : 1;
        }
        part.hidden = !found;
      }
    });
  }

  // one tap is one act; a page brought back from memory may be sent again
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", (sending) => {
      if (form.dataset.sent) {
        sending.preventDefault();
        return;
      }
      if (form.method === "post") form.dataset.sent = "yes";
      if (navigator.vibrate && "once" in form.dataset) navigator.vibrate(30);
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    document.querySelectorAll(".camera .working").forEach((line) => (line.hidden = true));
  });
})();
