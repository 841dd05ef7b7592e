
"use strict";
(() => {
  const PER_PAGE = 25;
  const NAMES = ["q", "concern", "stance", "city", "country", "year", "genre", "voice", "source", "review", "sort", "n"];
  const VIEW = ["rows", "of", "in"]; // of the matrix: its rows, the place whose years they are, the year
  const REVIEWS = { accepted: "accepted by a person", added: "added by a person", none: "not reviewed" };
  const ORDERS = { "": "as listed", score: "highest score first", newest: "newest first", oldest: "oldest first" };

  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (list) => new Map(list.map((one) => [one.id, one]));
  const concerns = byId(data.concerns);
  const places = byId(data.places);
  const documents = byId(data.documents);
  const passages = data.passages;
  const STANCES = data.stances;
  const numberOf = new Map(passages.map((one, number) => [one.id, number]));
  const columnOf = Object.fromEntries(data.columns.map((name, number) => [name, number]));
  const cells = new Map(data.cells.map((row) => [keyOf(row[columnOf.concern], row[columnOf.place], row[columnOf.year]), row]));
  const $ = (id) => document.getElementById(id);
  let state = {};
  let unknown = []; // filters of the address that the page has no value for
  let searchable = null;

  // Every text goes through textContent or an attribute set by name: nothing here is parsed as HTML.
  function el(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "onclick") made.addEventListener("click", value);
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  }
  function keyOf(concern, place, year) { return JSON.stringify([concern, place ?? null, year ?? null]); }
  function cellAt(concern, place, year) {
    const row = cells.get(keyOf(concern, place, year));
    return row && Object.fromEntries(data.columns.map((name, number) => [name, row[number]]));
  }
  const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many || one + "s"}`;
  const percent = (share) => (share === null ? "–" : `${Math.round(share * 100)} %`);
  const placeName = (id) => (id === null ? "all places" : places.get(id).name);
  const isCountry = (id) => id !== null && places.get(id).id === places.get(id).country;

  // ---- The state of the page lives in the address, so that a view can be linked.
  function readState() {
    const given = new URLSearchParams(location.hash.slice(1));
    unknown = [];
    return Object.fromEntries([...NAMES, ...VIEW, "p"].map((name) => [name, given.get(name) || ""]));
  }
  function address(values) {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) if (value) given.set(name, value);
    return "#" + (given.toString() || "all=1");
  }
  function go(changes, isNewStep) {
    state = { ...state, ...changes };
    unknown = [];
    const to = address(state);
    if (to !== location.hash) {
      try {
        if (isNewStep) remember();
        history[isNewStep ? "pushState" : "replaceState"](null, "", to);
      } catch { location.hash = to; }
    }
    show();
  }

  // What had the focus when a step was made gets it again when the step is taken back.
  function remember() { history.replaceState({ focus: pathTo(document.activeElement) }, ""); }
  // A selector of one element: the same view is always built of the same elements.
  function pathTo(element) {
    const steps = [];
    let one = element;
    for (; one && one.parentElement && !one.id; one = one.parentElement) steps.unshift(`:nth-child(${[...one.parentElement.children].indexOf(one) + 1})`);
    return one && one.id ? [`#${CSS.escape(one.id)}`, ...steps].join(" > ") : null;
  }
  function refocus(path) {
    const target = path && document.querySelector(path);
    if (!target) return;
    const tabStop = target.closest(".matrix") && $("matrix-box").querySelector('button[tabindex="0"]');
    if (tabStop) { tabStop.tabIndex = -1; target.tabIndex = 0; }
    target.focus();
  }

  // ---- The matrix.
  function numbers(cell) {
    if (cell.state === "no data") return "";
    if (cell.state === "silent" || cell.state === "too little") return `0/${cell.stories}`;
    if (cell.state === "answered") return `${cell.raised_stories} + ${cell.addressed_stories}`;
    return String(cell[{ unanswered: "raised_stories", addressed: "addressed_stories", described: "described_stories" }[cell.state]]);
  }
  // Whether chance may have made it: the interval of the gap index reaches 0.
  const isWeak = (cell) => (cell.state === "unanswered" && !(cell.gap_low > 0)) || (cell.state === "addressed" && !(cell.gap_high < 0));
  const stateInWords = (cell) => `${data.states[cell.state].name}${isWeak(cell) ? ", in few stories" : ""}`;
  function inWords(cell) {
    const when = cell.year === null ? "all years" : cell.year;
    const head = `${concerns.get(cell.concern).name}, ${placeName(cell.place)}, ${when}: ${stateInWords(cell)}`;
    if (cell.state === "no data") return head + (notCounted(cell) && `; not counted: ${notCounted(cell)}`);
    const each = STANCES.map((stance) => `${stance} in ${cell[stance + "_stories"]}`).join(", ");
    return `${head}. ${each} of ${count(cell.stories, "story", "stories")} (${count(cell.documents, "document")}, ${count(cell.passages, "passage")})`;
  }
  // Passages that speak of the place in that time and cannot be counted, by reason; without a date, of all years only.
  function notCounted(cell) {
    const counts = new Map();
    for (const [place, year, why, number] of data.uncounted) if (place === cell.place && (cell.year === null || cell.year === year)) counts.set(why, (counts.get(why) || 0) + number);
    return [...counts].map(([why, number]) => `${number.toLocaleString("en")} ${why}`).join("; ");
  }
  const hasTogether = data.cells.some((row) => row[columnOf.place] === null);
  const placesOfMatrix = [...new Set(data.cells.map((row) => row[columnOf.place]))].filter((id) => id !== null);
  placesOfMatrix.sort((one, two) => [...places.keys()].indexOf(one) - [...places.keys()].indexOf(two));
  const themes = [...new Set(data.concerns.map((one) => one.theme))];
  const columns = themes.flatMap((theme) => data.concerns.filter((one) => one.theme === theme));
  const isFirst = (concern) => columns.find((one) => one.theme === concern.theme) === concern;

  function drawMatrix() {
    const isByYear = state.rows === "years" && placesOfMatrix.length > 0;
    const place = places.has(state.of) && placesOfMatrix.includes(state.of) ? state.of : placesOfMatrix[0];
    const year = data.years.includes(Number(state.in)) ? Number(state.in) : null;
    $("matrix-view").value = isByYear ? "years" : "places";
    $("matrix-year").value = year === null ? "" : year;
    $("matrix-place").value = place;
    $("matrix-year-label").hidden = isByYear;
    $("matrix-place-label").hidden = !isByYear;
    const rows = isByYear
      ? [...data.years, null].map((one) => ({ name: one === null ? "All years" : String(one), place, year: one }))
      : [...placesOfMatrix, ...(hasTogether ? [null] : [])].map((one) => ({ name: one === null ? "All places" : placeName(one), place: one, year }));
    const caption = isByYear ? `Concerns by year: ${placeName(place)}` : `Concerns by place: ${year === null ? "all years together" : year}`;
    const table = el("table", { class: "matrix", "aria-describedby": "matrix-help" }, el("caption", { id: "matrix-caption" }, caption), matrixHead(isByYear), el("tbody", {}, ...rows.map((row) => matrixRow(row, isByYear))));
    const first = table.querySelector('button[aria-pressed="true"]') || table.querySelector("button");
    if (first) first.tabIndex = 0;
    table.addEventListener("keydown", moveInMatrix);
    $("matrix-box").replaceChildren(table);
    $("matrix-box").classList.toggle("tall", rows.length > 20);
  }
  function matrixHead(isByYear) {
    const groups = themes.map((theme) => el("th", { scope: "colgroup", class: "theme", colspan: columns.filter((one) => one.theme === theme).length }, theme));
    const heads = columns.map((one) => el("th", { scope: "col", class: isFirst(one) ? "first-of-theme" : null, title: one.include }, el("div", { class: "upright" }, one.name)));
    return el("thead", {}, el("tr", {}, el("td", { class: "corner" }), ...groups), el("tr", {}, el("th", { scope: "col", class: "corner" }, isByYear ? "Year" : "Place"), ...heads));
  }
  function matrixRow(row, isByYear) {
    const all = columns.map((concern) => cellAt(concern.id, row.place, row.year));
    const some = all.find(Boolean);
    const stories = some ? count(some.stories, "story", "stories") : "";
    const country = row.place !== null && !isByYear && !isCountry(row.place) ? `${places.get(row.place).country} · ` : "";
    const isTogether = isByYear ? row.year === null : row.place === null;
    return el("tr", { class: isTogether ? "together" : null }, el("th", { scope: "row" }, row.name, el("small", {}, country + stories)), ...all.map((cell, number) => el("td", { class: isFirst(columns[number]) ? "first-of-theme" : null }, cell ? matrixButton(cell) : "")));
  }
  function matrixButton(cell) {
    const label = inWords(cell);
    const isChosen = isChosenCell(cell);
    return el("button", { type: "button", tabindex: -1, "data-state": cell.state, "data-weak": isWeak(cell), title: label, "aria-label": label, "aria-pressed": String(isChosen), onclick: () => choose(cell) }, el("b", {}, data.states[cell.state].letter), numbers(cell));
  }
  const whereOf = (place) => ({ city: place !== null && !isCountry(place) ? place : "", country: place !== null && isCountry(place) ? place : "" });
  function choose(cell) {
    const cleared = Object.fromEntries(NAMES.map((name) => [name, ""]));
    go({ ...cleared, p: "", concern: cell.concern, ...whereOf(cell.place), year: cell.year === null ? "" : String(cell.year) }, true);
    reach("passages");
  }
  function isChosenCell(cell) {
    const where = whereOf(cell.place);
    return state.concern === cell.concern && state.city === where.city && state.country === where.country && state.year === (cell.year === null ? "" : String(cell.year));
  }
  function moveInMatrix(event) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity] }[event.key];
    const button = event.target.closest("button");
    if (!step || !button || event.ctrlKey || event.metaKey || event.altKey) return;
    const grid = [...event.currentTarget.tBodies[0].rows].map((row) => [...row.querySelectorAll("button")]);
    const at = grid.findIndex((row) => row.includes(button));
    const row = grid[Math.min(Math.max(at + step[0], 0), grid.length - 1)];
    const to = row[Math.min(Math.max(grid[at].indexOf(button) + step[1], 0), row.length - 1)];
    event.preventDefault();
    if (!to) return;
    button.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
    // The first column stays in place and would cover the cell that has the focus.
    const hidden = to.closest("tr").cells[0].getBoundingClientRect().right - to.getBoundingClientRect().left;
    if (hidden > 0) $("matrix-box").scrollLeft -= hidden;
  }

  // ---- What is counted in one cell.
  function drawCell() {
    const year = state.year ? Number(state.year) : null;
    const place = state.city || state.country || null;
    const cell = concerns.has(state.concern) && !(state.city && state.country) && (place === null || places.has(place)) && cellAt(state.concern, place, year);
    $("cell").hidden = !cell || Boolean(state.p);
    $("cell").replaceChildren();
    if (!cell || state.p) return;
    const when = cell.year === null ? "all years" : cell.year;
    const found = el("p", {}, el("span", { class: "key", "data-state": cell.state, "data-weak": isWeak(cell) }, data.states[cell.state].letter), ` ${stateInWords(cell)}. `, `Counted of the place and time: ${count(cell.stories, "story", "stories")} in ${count(cell.documents, "document")}, ${count(cell.passages, "passage")}.`);
    $("cell").append(el("h3", {}, `${concerns.get(cell.concern).name}, ${placeName(cell.place)}, ${when}`), found);
    if (cell.state !== "no data") $("cell").append(cellTable(cell));
    if (cell.gap !== null) $("cell").append(el("p", {}, `Gap index ${interval(cell.gap, cell.gap_low, cell.gap_high, (value) => value.toFixed(2).replace("-", "−"))}.`));
    if (notCounted(cell)) $("cell").append(el("p", {}, `Passages that speak of the place and are not counted: ${notCounted(cell)}.`));
    const others = { ...Object.fromEntries(NAMES.map((name) => [name, ""])), city: state.city, country: state.country, year: state.year };
    const links = el("p", { class: "again" }, el("a", { href: "#matrix", "data-to": "matrix" }, "Back to the matrix"));
    if (cell.stories && cell.place !== null) links.append(" · ", el("a", { href: address({ ...others, rows: state.rows, of: state.of, in: state.in }) }, allPassages(cell)));
    $("cell").append(links);
  }
  // What the link leads to is what the page holds, which may be fewer than are counted.
  function allPassages(cell) {
    const isOf = (one) => (cell.year === null || one.year === cell.year) && one.places.includes(cell.place);
    const held = passages.filter(isOf).length;
    if (held < cell.passages) return `${held.toLocaleString("en")} of the ${count(cell.passages, "passage")} of this place and time are on this page, whatever they are about`;
    return `All ${count(held, "passage")} of this place and time, whatever they are about`;
  }
  const interval = (value, low, high, written) => (value === null ? "–" : low === null || high === null ? written(value) : `${written(value)} (${written(low)} to ${written(high)})`);
  function cellTable(cell) {
    const has = (name) => cell[name] !== null && cell[name] !== undefined;
    const isCorrected = has("raised_corrected") || has("addressed_corrected");
    const heads = ["Stance", "Stories", "Documents", "Passages", "Share of stories (95 %)", "Official", "Independent", ...(isCorrected ? ["Passages, corrected (95 %)"] : [])];
    const body = STANCES.map((stance) => {
      const share = has(`share_${stance}`) ? interval(cell[`share_${stance}`], cell[`share_${stance}_low`], cell[`share_${stance}_high`], percent) : "–";
      const voices = ["official", "independent"].map((voice) => (has(`${stance}_${voice}`) ? cell[`${stance}_${voice}`] : "–"));
      const corrected = has(`${stance}_corrected`) ? interval(cell[`${stance}_corrected`], cell[`${stance}_corrected_low`], cell[`${stance}_corrected_high`], (value) => value.toFixed(1)) : "–";
      const values = [...["stories", "documents", "passages"].map((unit) => cell[`${stance}_${unit}`]), share, ...voices, ...(isCorrected ? [corrected] : [])];
      return el("tr", {}, el("th", { scope: "row" }, stance), ...values.map((value) => el("td", {}, String(value))));
    });
    return el("div", { class: "scroll", role: "region", "aria-label": "Counts of the cell", tabindex: 0 }, el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, ...body)));
  }

  // ---- Search: words without case and accents, of which all must be there.
  const folded = (text) => {
    const lower = text.toLowerCase();
    return /^[\x00-\x7f]*$/.test(lower) ? lower : lower.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
  };
  function searchableText() {
    if (!searchable) {
      const ofDocument = new Map(data.documents.map((one) => [one.id, folded(`${one.title}\n${one.publisher}`)]));
      searchable = passages.map((one) => `${folded(`${one.text}\n${one.heading}`)}\n${ofDocument.get(one.document)}`);
    }
    return searchable;
  }
  const wordsOf = (query) => [...query.matchAll(/"([^"]+)"|([^\s"]+)/g)].map((found) => folded(found[1] || found[2]).trim()).filter(Boolean);

  // ---- Which passages are listed.
  function selected() {
    if (state.p) return numberOf.has(state.p) ? [numberOf.get(state.p)] : [];
    const words = wordsOf(state.q);
    const texts = words.length ? searchableText() : null;
    const year = state.year ? Number(state.year) : null;
    const isTagged = state.concern || state.stance || state.review;
    const found = [];
    passages.forEach((one, number) => {
      const from = documents.get(one.document);
      if (year !== null && one.year !== year) return;
      if (state.genre && from.genre !== state.genre) return;
      if (state.voice && from.voice !== state.voice) return;
      if (state.source && from.source !== state.source) return;
      if (state.city && !one.places.includes(state.city)) return;
      if (state.country && !one.places.some((id) => places.get(id).country === state.country)) return;
      if (isTagged && !one.tags.some(isTagWanted)) return;
      if (texts && !words.every((word) => texts[number].includes(word))) return;
      found.push(number);
    });
    return ordered(found);
  }
  const isTagWanted = (tag) => (!state.concern || tag.concern === state.concern) && (!state.stance || tag.stance === state.stance) && (!state.review || tag.review === state.review);
  function ordered(found) {
    const best = (one) => Math.max(-1, ...one.tags.filter(isTagWanted).map((tag) => tag.score));
    const dated = (one) => documents.get(one.document).published || String(one.year ?? "");
    const compare = {
      score: (one, two) => best(two) - best(one),
      newest: (one, two) => (dated(one) < dated(two) ? 1 : dated(one) > dated(two) ? -1 : 0),
      oldest: (one, two) => (dated(one) < dated(two) ? -1 : dated(one) > dated(two) ? 1 : 0),
    }[state.sort];
    return compare ? found.sort((one, two) => compare(passages[one], passages[two])) : found;
  }
  function drawList() {
    const found = selected();
    const pages = Math.max(1, Math.ceil(found.length / PER_PAGE));
    const page = Math.min(Math.max(1, Number.parseInt(state.n, 10) || 1), pages);
    const from = (page - 1) * PER_PAGE;
    $("list").replaceChildren(...found.slice(from, from + PER_PAGE).map((number) => card(passages[number])));
    $("count").textContent = [told(found.length, from, page, pages), ...unknown.map((one) => `${one} is not on this page: not filtered by it.`)].join(" ");
    $("pager").hidden = pages < 2;
    const turn = (to) => () => { go({ n: to > 1 ? String(to) : "" }, true); reach("passages", "count"); };
    $("pager").replaceChildren(el("button", { type: "button", disabled: page === 1, onclick: turn(page - 1) }, "Previous"), `Page ${page} of ${pages}`, el("button", { type: "button", disabled: page === pages, onclick: turn(page + 1) }, "Next"));
    if (state.p) $("list").append(el("p", {}, el("a", { href: address({ ...state, p: "" }) }, "Show all passages")));
  }
  function told(total, from, page, pages) {
    if (state.p) return total ? "One passage, by its permanent link" : `No passage with the id ${state.p} is on this page${data.sampled ? ", which holds a sample" : ""}.`;
    if (!total) return data.sampled ? "No passage on this page, which holds a sample." : "No passage.";
    const some = pages > 1 ? `, ${from + 1} to ${Math.min(from + PER_PAGE, total)} shown` : "";
    return `${count(total, "passage")} of ${passages.length.toLocaleString("en")}${some}${unknown.length ? "." : ""}`;
  }

  // ---- One passage.
  function card(one) {
    const from = documents.get(one.document);
    const link = safeAddress(from.url);
    const where = one.places.map(placeName).join(", ");
    const meta = [from.publisher, words(from.genre), words(from.voice), from.published ? `${from.published}${from.date_basis ? ` (date: ${words(from.date_basis)})` : ""}` : "undated", one.page && `p. ${one.page}`];
    const actions = el("p", { class: "actions" }, link ? el("a", { href: link, rel: "noopener noreferrer", target: "_blank" }, "Source") : null, el("a", { href: address({ p: one.id }) }, "Permanent link"), el("button", { type: "button", onclick: (event) => copy(citation(one), event.currentTarget) }, "Copy as citation"));
    return el(
      "article",
      { class: "card", "data-id": one.id, "aria-label": `Passage of ${from.title || from.id}` },
      el("h3", { dir: "auto" }, from.title || "Untitled"),
      el("p", { class: "meta", dir: "auto" }, meta.filter(Boolean).join(" · ")),
      el("p", { class: "meta", dir: "auto" }, [where, one.heading].filter(Boolean).join(" · ")),
      el("blockquote", { dir: "auto", lang: /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(one.language) ? one.language : null }, ...marked(one)),
      el("ul", { class: "tags", "aria-label": "Concerns" }, ...(one.tags.length ? one.tags.map(tagItem) : [el("li", {}, "no tag that counts")])),
      actions,
    );
  }
  const words = (text) => text.replace(/_/g, " ");
  function tagItem(tag) {
    return el("li", {}, `${concerns.get(tag.concern).name}: `, el("span", { class: "stance" }, tag.stance), ` · score ${tag.score.toFixed(2)}${tag.is_unsure ? " · unsure" : ""} · ${REVIEWS[tag.review] || words(tag.review)}`);
  }
  function safeAddress(text) {
    try {
      const parsed = new URL(text);
      return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
    } catch { return null; }
  }
  function marked(one) {
    const hits = hitsIn(one.text, wordsOf(state.q));
    const cuts = new Set([0, one.text.length]);
    for (const [start, end] of [...one.evidence, ...hits]) cuts.add(Math.min(start, one.text.length)).add(Math.min(end, one.text.length));
    const ends = [...cuts].sort((a, b) => a - b);
    return ends.slice(1).map((end, number) => {
      const start = ends[number];
      const inside = (spans) => spans.filter((span) => span[0] <= start && end <= span[1]);
      const text = one.text.slice(start, end);
      const shown = inside(hits).length ? el("span", { class: "hit" }, text) : text;
      const why = [...new Set(inside(one.evidence).map((span) => span[2]))].join("; ");
      return inside(one.evidence).length ? el("mark", { title: why || null }, shown) : shown;
    });
  }
  function hitsIn(text, wanted) {
    if (!wanted.length) return [];
    // Folding may change lengths: each folded sign remembers the sign it came from.
    const origin = [];
    let plain = "";
    let at = 0;
    for (const sign of text) {
      const one = folded(sign);
      for (let i = 0; i < one.length; i += 1) origin.push(at);
      plain += one;
      at += sign.length;
    }
    origin.push(at);
    const found = [];
    for (const word of wanted) for (let i = plain.indexOf(word); i >= 0; i = plain.indexOf(word, i + word.length)) found.push([origin[i], origin[i + word.length]]);
    return found;
  }
  function citation(one) {
    const from = documents.get(one.document);
    const dated = from.published ? `${from.published}${from.date_basis ? ` (date: ${words(from.date_basis)})` : ""}` : "undated";
    const parts = [from.publisher, `“${from.title || "Untitled"}”`, dated, one.page && `p. ${one.page}`, safeAddress(from.url)];
    return `${parts.filter(Boolean).join(", ")}: “${one.text}” [passage ${one.id}]`;
  }
  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
      $("said").textContent = "Citation copied.";
      button.textContent = "Copied";
    } catch {
      // Where a page may not write to the clipboard, the person copies it.
      const box = el("textarea", { rows: 4, readonly: true, "aria-label": "Citation" });
      box.value = text;
      button.replaceWith(box);
      box.focus();
      box.select();
      $("said").textContent = "The citation is selected, to be copied.";
    }
  }

  // ---- Controls.
  function fill(select, options, none) {
    select.replaceChildren(...(none === null ? [] : [new Option(none, "")]), ...options.map(([value, text]) => new Option(text, value)));
  }
  function prepare() {
    const used = (name) => [...new Set(data.documents.map((one) => one[name]))].filter(Boolean).sort().map((one) => [one, words(one)]);
    const countries = new Map(data.places.map((one) => [one.country, one.country_name || one.country]));
    for (const one of data.places) if (isCountry(one.id)) countries.set(one.country, one.name);
    const named = (entries) => [...entries].filter(([id]) => id).sort((a, b) => a[1].localeCompare(b[1], "en"));
    fill($("f-concern"), columns.map((one) => [one.id, one.name]), "any");
    fill($("f-stance"), STANCES.map((one) => [one, one]), "any");
    fill($("f-city"), named(data.places.filter((one) => !isCountry(one.id)).map((one) => [one.id, one.name])), "any");
    fill($("f-country"), named(countries), "any");
    fill($("f-year"), data.years.map((one) => [one, one]), "any");
    for (const name of ["genre", "voice", "source"]) fill($(`f-${name}`), used(name), "any");
    fill($("f-review"), Object.entries(REVIEWS), "any");
    fill($("f-sort"), Object.entries(ORDERS), null);
    for (const field of $("filters").querySelectorAll("select")) field.labels[0].hidden = field.options.length < 2;
    fill($("matrix-year"), data.years.map((one) => [one, one]), "all years together");
    fill($("matrix-place"), placesOfMatrix.map((id) => [id, placeName(id)]), null);
    if (!placesOfMatrix.length) $("matrix-view").querySelector('[value="years"]').disabled = true;
    for (const id of ["matrix-form", "matrix-help", "to-passages", "passages", "filters"]) $(id).hidden = false;
    $("filters-more").open = !matchMedia("(max-width: 40rem)").matches;
  }
  function listen() {
    let waiting = 0;
    // The first letter of a search is a step of its own, so that going back leads to what was there before it.
    let isTyping = false;
    for (const [target, name] of [[$("f-q"), "focus"], [window, "popstate"]]) target.addEventListener(name, () => { isTyping = false; });
    $("f-q").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        go({ q: $("f-q").value, n: "", p: "" }, !isTyping);
        isTyping = true;
      }, 150);
    });
    $("filters").addEventListener("change", (event) => {
      if (event.target.name && event.target.name !== "q") go({ [event.target.name]: event.target.value, n: "", p: "" }, true);
    });
    $("filters").addEventListener("reset", (event) => {
      event.preventDefault();
      clearTimeout(waiting);
      go({ ...Object.fromEntries(NAMES.map((name) => [name, ""])), p: "" }, true);
    });
    for (const id of ["filters", "matrix-form"]) $(id).addEventListener("submit", (event) => event.preventDefault());
    $("matrix-view").addEventListener("change", (event) => go({ rows: event.target.value === "years" ? "years" : "" }, true));
    $("matrix-year").addEventListener("change", (event) => go({ in: event.target.value }, true));
    $("matrix-place").addEventListener("change", (event) => go({ of: event.target.value }, true));
    // Links to sections leave the address, and with it the filters, as they are.
    document.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="#"]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const to = link.getAttribute("href");
      event.preventDefault();
      if (!to.includes("=")) return reach(to.slice(1));
      if (to !== location.hash) { remember(); history.pushState(null, "", to); }
      state = readState();
      show();
      reach("passages");
    });
    for (const name of ["hashchange", "popstate"]) addEventListener(name, (event) => {
      // Browsers tell of a step back twice: building the view again would take the focus away.
      if ((location.hash !== "" && !location.hash.includes("=")) || (name === "hashchange" && location.hash === shownAt)) return;
      state = readState();
      show();
      if (event.state) refocus(event.state.focus);
    });
  }
  function reach(id, at) {
    const section = $(id);
    const target = section && (section.querySelector("h2") || section);
    if (!target) return;
    (at ? $(at) : section).scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  }
  function drawControls() {
    for (const name of NAMES) {
      const field = $(`f-${name}`);
      if (field && field.value !== state[name]) field.value = state[name];
      // What no option stands for is no filter, or nothing would be found; the list says so.
      if (field && field.tagName === "SELECT" && field.value !== state[name]) {
        unknown.push(`${field.labels[0].firstChild.textContent.trim()} ${state[name]}`);
        field.value = "";
        state[name] = "";
      }
    }
  }
  let drawn = null;
  let shownAt = null;
  function show() {
    shownAt = location.hash;
    drawControls();
    const matrixState = JSON.stringify([state.rows, state.of, state.in, state.concern, state.city, state.country, state.year]);
    const held = document.activeElement && document.activeElement.closest(".matrix button");
    if (matrixState !== drawn) drawMatrix();
    if (held && matrixState !== drawn) { const again = $("matrix-box").querySelector('button[tabindex="0"]'); if (again) again.focus({ preventScroll: true }); }
    drawn = matrixState;
    drawCell();
    drawList();
  }

  // On paper nothing can be opened: the whole finding is printed.
  const more = document.querySelectorAll("#finding details:not([open])");
  addEventListener("beforeprint", () => { for (const one of more) one.dataset.was = String(one.open), one.open = true; });
  addEventListener("afterprint", () => { for (const one of more) one.open = one.dataset.was === "true"; });

  prepare();
  listen();
  state = readState();
  show();
  // What a link names is shown; the order and the page of a list alone name nothing.
  if (state.p || NAMES.some((name) => state[name]) || unknown.length) reach("passages");
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
  (window.requestIdleCallback || setTimeout)(searchableText);
})();
