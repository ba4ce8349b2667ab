// Filters, folds and points. The page says all it has to say without this.
"use strict";
{
  const at = (id) => document.getElementById(id);
  const controls = at("controls");
  if (controls) {
    const rows = [...at("conflicts").tBodies];
    const signs = new Map();
    for (const sign of document.querySelectorAll(".map a")) signs.set(sign.getAttribute("href").slice(1), sign);
    const texts = rows.map((row) => row.textContent.toLocaleLowerCase());
    const find = at("find"), sure = at("sure"), fold = at("fold"), shown = at("shown");
    const apply = () => {
      const wanted = find.value.trim().toLocaleLowerCase();
      let count = 0;
      rows.forEach((row, i) => {
        const fits = texts[i].includes(wanted) && (!sure.value || row.classList.contains(sure.value));
        row.hidden = !fits;
        const sign = signs.get(row.id);
        if (sign) sign.classList.toggle("dim", !fits);
        count += fits;
      });
      shown.textContent = `${count} / ${rows.length}`;
      at("conflicts").classList.toggle("folded", fold.checked);
    };
    // A link to a conflict that is filtered out shows it again.
    addEventListener("hashchange", () => {
      const row = at(location.hash.slice(1));
      if (row && row.hidden) { find.value = ""; sure.value = ""; apply(); row.scrollIntoView(); }
    });
    for (const control of [find, sure, fold]) control.addEventListener("input", apply);
    controls.hidden = false;
    fold.checked = rows.length > 200;
    apply();
  }
}
