// The script of a page, put in as it is. It writes text only, asks for nothing, and works without storage. `npm run browser`
// tries it in a browser.

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  document.documentElement.classList.add("live");
  const { key } = JSON.parse(one("#data").textContent);

  const ticks = all("input[data-step]");
  const progress = one("#progress");
  const load = () => {
    try {
      return new Set(JSON.parse(localStorage.getItem(key) ?? "[]"));
    } catch {
      return new Set();
    }
  };
  const count = () => {
    const done = ticks.filter((tick) => tick.checked).length;
    if (progress) progress.textContent = `${done} of ${ticks.length} steps done. Ticks are kept in this browser.`;
  };
  const ticked = load();
  for (const tick of ticks) {
    tick.checked = ticked.has(tick.dataset.step);
    tick.addEventListener("change", () => {
      const now = ticks.filter((each) => each.checked).map((each) => each.dataset.step);
      try {
        localStorage.setItem(key, JSON.stringify(now));
      } catch {}
      count();
    });
  }
  count();

  const filter = one("#filter");
  if (filter) {
    const rows = all("#all tbody tr").map((row) => [row, row.dataset.fate, row.textContent.toLowerCase()]);
    const chips = all("button[data-fate]", filter);
    const query = one("#q");
    const found = one("#found");
    const more = one("#more");
    let most = 50;
    const apply = () => {
      const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
      const pressed = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true");
      const fates = new Set(pressed.map((chip) => chip.dataset.fate));
      let fit = 0;
      for (const [row, fate, text] of rows) {
        const fits = fates.has(fate) && words.every((word) => text.includes(word));
        if (fits) fit++;
        row.hidden = !fits || fit > most;
      }
      const noun = found.dataset.noun ?? "objects";
      found.textContent = fit === rows.length ? `${rows.length} ${noun}` : `${fit} of ${rows.length} ${noun}`;
      more.hidden = fit <= most;
      more.textContent = `Show all ${fit}`;
    };
    more.addEventListener("click", () => {
      const next = rows.find(([row]) => row.hidden);
      most = Infinity;
      apply();
      if (next) next[0].focus();
    });
    filter.addEventListener("submit", (event) => event.preventDefault());
    query.addEventListener("input", apply);
    for (const chip of chips) {
      chip.addEventListener("click", () => {
        chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
        apply();
      });
    }
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
      event.preventDefault();
      query.focus();
    });
    apply();
  }

  for (const button of all(".fold button")) {
    button.addEventListener("click", () => {
      const rows = document.getElementById(button.getAttribute("aria-controls"));
      rows.hidden = false;
      rows.focus();
      button.closest("tbody").hidden = true;
    });
  }
  for (const button of all("button[data-all]")) {
    button.addEventListener("click", () => {
      for (const file of all("details.file")) file.open = button.dataset.all === "open";
    });
  }

  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    for (let at = target?.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    target?.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open]):not(.gone)");
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });
})();
