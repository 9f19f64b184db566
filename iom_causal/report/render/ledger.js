"use strict";
// Ledgers that a reader moves. Each lies as values in data-ledger of its box, which stays hidden without this script.
// The remainder is the observed change less the sum of the lines, as logs of ratios or in points (and what rounding of
// figures of people leaves, so that it starts as it is printed). A slider goes from
// -STEPS over 0, where its line stands in the set, to STEPS, the end at which more of the change comes anyway.
(() => {
  const STEPS = 50;
  const SVG = "http://www.w3.org/2000/svg";
  const KEY = "ledger=";

  const put = (parent, tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    parent.append(made);
    return made;
  };

  const draw = (parent, tag, attributes, text) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text) made.textContent = text;
    parent.append(made);
    return made;
  };

  // Slots are filled in one pass, so that what fills one is never read for another.
  const fill = (pattern, ...parts) => pattern.replace(/\{(\d)\}/g, (_, slot) => parts[slot]);

  const fixed = (value, decimals) => {
    const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
    return value < 0 && /[1-9]/.test(grouped) ? `-${grouped}` : grouped;
  };

  const moves = (knob) => knob.high > knob.low;

  class Ledger {
    constructor(box, place) {
      this.box = box;
      this.place = place;
      const { scale, decimals, sets, words } = JSON.parse(box.dataset.ledger);
      Object.assign(this, { ratio: scale === "ratio", decimals, sets, words, chosen: 0, positions: [] });
      put(box, "h3", words.title);
      put(box, "p", words.intro);
      const label = put(box, "label", words.set);
      this.choice = put(label, "select");
      sets.forEach((set, k) => put(this.choice, "option", set.title, { value: k }));
      this.about = put(box, "p");
      this.knobs = put(box, "div");
      this.picture = draw(box, "svg", { "aria-hidden": "true" });
      this.said = put(box, "p", "", { "aria-live": "polite", class: "said" });
      const back = put(box, "button", words.reset, { type: "button" });
      this.choice.addEventListener("change", () => this.choose(Number(this.choice.value), [], true));
      back.addEventListener("click", () => this.choose(this.chosen, [], true));
      box.hidden = false;
      this.choose(0, []);
    }

    // Every line of the set, the observed change first.
    get lines() {
      const set = this.sets[this.chosen];
      return [set.observed, ...set.lines];
    }

    get fell() {
      return this.sets[this.chosen].observed.start < 0;
    }

    get values() {
      return this.lines.map((knob, k) => {
        const [less, more] = this.ends(knob);
        const position = this.positions[k];
        return knob.start + ((position < 0 ? less : more) - knob.start) * Math.abs(position) / STEPS;
      });
    }

    // The ends of a line at the left and at the right of its slider.
    ends(knob) {
      return this.fell ? [knob.high, knob.low] : [knob.low, knob.high];
    }

    choose(chosen, positions, byReader = false) {
      this.chosen = chosen;
      this.choice.value = chosen;
      this.positions = this.lines.map((knob, k) => (moves(knob) && positions[k]) || 0);
      this.about.textContent = this.sets[chosen].about;
      this.build();
      this.update(byReader);
    }

    build() {
      const { words } = this;
      this.knobs.replaceChildren();
      this.outputs = this.lines.map((knob, k) => {
        if (k === 0 && !moves(knob)) return null;
        const row = put(this.knobs, "div", "", { class: "knob" });
        const ids = { input: `knob-${this.place}-${k}`, about: `about-${this.place}-${k}` };
        const label = put(row, moves(knob) ? "label" : "span", knob.name, moves(knob) ? { for: ids.input } : {});
        const output = put(row, "output");
        if (moves(knob)) {
          const settings = { type: "range", min: -STEPS, max: STEPS, step: 1, id: ids.input, "aria-describedby": ids.about };
          const input = put(row, "input", "", settings);
          input.value = this.positions[k];
          input.addEventListener("input", () => {
            this.positions[k] = Number(input.value);
            this.update(true);
          });
          output.input = input;
        }
        const range = moves(knob) ? fill(words.range, ...this.ends(knob).map((end) => this.amount(k, end))) : words.fixed;
        const about = k === 0 ? words.open : knob.about && fill(words.condition, knob.about);
        put(row, "small", [range, about].filter(Boolean).join(" "), { id: ids.about });
        return output;
      });
    }

    // How much, without a sign: per cent, or points.
    size(value) {
      const points = fixed(Math.abs(value), this.decimals);
      if (!this.ratio) return fill(points === "1" ? this.words.point : this.words.points, points);
      return `${fixed(100 * Math.abs(Math.expm1(value)), 1)}%`;
    }

    isNothing(value) {
      return !/[1-9]/.test(this.size(value));
    }

    takes(value) {
      if (this.isNothing(value)) return this.words.nothing;
      return fill(value < 0 ? this.words.takes : this.words.adds, this.size(value));
    }

    took(value) {
      if (this.isNothing(value)) return this.words.tookNothing;
      return fill(value < 0 ? this.words.took : this.words.added, this.size(value));
    }

    change(value) {
      if (this.isNothing(value)) return this.words.same;
      return fill(value < 0 ? this.words.fall : this.words.rise, this.size(value));
    }

    amount(k, value) {
      return k === 0 ? this.change(value) : this.takes(value);
    }

    left(value) {
      return this.ratio ? fill(this.words.ratio, fixed(Math.exp(value), this.decimals)) : this.change(value);
    }

    // The line that would have to move least, for the length of its slider, for nothing to remain.
    tipping(values, remainder) {
      const tips = this.lines.map((knob, k) => ({ k, knob, value: values[k] + remainder })).slice(1);
      const movable = tips.filter((tip) => moves(tip.knob));
      const far = (tip) => Math.abs(remainder) / (tip.knob.high - tip.knob.low);
      const open = movable.length ? movable : tips.filter((tip) => tip.knob.start === 0);
      return open.sort((a, b) => far(a) - far(b))[0];
    }

    update(byReader) {
      const values = this.values;
      const expected = values.slice(1).reduce((sum, value) => sum + value, -this.sets[this.chosen].rounded);
      const remainder = values[0] - expected;
      const tip = this.tipping(values, remainder);
      this.outputs.forEach((output, k) => {
        if (!output) return;
        output.textContent = this.amount(k, values[k]);
        if (output.input) output.input.setAttribute("aria-valuetext", output.textContent);
      });
      Object.assign(this.box.dataset, { observed: values[0], expected, remainder });
      Object.assign(this.box.dataset, tip ? { tip: tip.value, tipLine: tip.knob.name } : { tip: "", tipLine: "" });
      this.said.textContent = this.sentences(values, expected, remainder, tip).join(" ");
      this.waterfall(values, expected, remainder);
      if (byReader) write();
    }

    sentences(values, expected, remainder, tip) {
      const { words } = this;
      const told = [fill(words.left, this.change(expected), this.left(remainder), this.change(values[0]))];
      const none = this.ratio ? Number(fixed(Math.exp(remainder), this.decimals)) === 1 : this.isNothing(remainder);
      if (none) return [...told, words.none];
      if (remainder * values[0] < 0) told.push(words.over);
      if (!tip) return told;
      const { knob, value } = tip;
      const within = value >= knob.low && value <= knob.high ? words.inside : words.outside;
      const where = moves(knob) ? within : words.held;
      told.push(fill(words.tip, knob.name, this.took(value), this.takes(values[tip.k]), where));
      return told;
    }

    // From before over every line to what was expected, and over the remainder to what was observed.
    waterfall(values, expected, remainder) {
      const { words, ratio } = this;
      const level = (sum) => (ratio ? 100 * Math.exp(sum) : sum);
      const shown = (sum) => fixed(level(sum), ratio ? 0 : this.decimals);
      const rows = ratio ? [{ name: words.before, from: null, to: 0, text: "100" }] : [];
      let sum = 0;
      this.lines.slice(1).forEach((knob, k) => {
        rows.push({ name: knob.name, from: sum, to: sum + values[k + 1], text: this.takes(values[k + 1]) });
        sum += values[k + 1];
      });
      rows.push({ name: words.expected, from: null, to: expected, text: shown(expected) });
      rows.push({ name: words.remainder, from: expected, to: values[0], text: this.left(remainder) });
      rows.push({ name: words.after, from: null, to: values[0], text: shown(values[0]) });
      this.paint(rows.map((row) => ({ ...row, to: level(row.to), from: row.from === null ? 0 : level(row.from), total: row.from === null })));
    }

    paint(rows) {
      const width = Math.max(240, this.knobs.clientWidth);
      const height = 46;
      const ends = rows.flatMap((row) => [row.from, row.to]).concat(0);
      const [low, high] = [Math.min(...ends), Math.max(...ends)];
      const across = (value) => (width - 2) * (value - low) / (high - low || 1) + 1;
      this.picture.replaceChildren();
      this.picture.setAttribute("viewBox", `0 0 ${width} ${height * rows.length}`);
      rows.forEach((row, k) => {
        const [left, right] = [across(Math.min(row.from, row.to)), across(Math.max(row.from, row.to))];
        const y = height * k;
        draw(this.picture, "text", { x: 0, y: y + 16 }, row.name);
        draw(this.picture, "text", { x: width, y: y + 16, "text-anchor": "end" }, row.text);
        const sizes = { x: left, y: y + 22, width: Math.max(1, right - left), height: 16 };
        draw(this.picture, "line", { x1: across(0), x2: across(0), y1: y + 20, y2: y + 40 });
        draw(this.picture, "rect", { ...sizes, class: row.total ? "level" : "step" });
      });
    }

    get state() {
      const moved = this.chosen || this.positions.some(Boolean);
      return moved ? [this.place, this.chosen, ...this.positions].join(".") : "";
    }
  }

  const ledgers = [...document.querySelectorAll("[data-ledger]")].map((box, place) => new Ledger(box, place));

  const write = () => {
    const states = ledgers.map((ledger) => ledger.state).filter(Boolean);
    history.replaceState(null, "", `#${states.length ? KEY + states.join("~") : ""}`);
  };

  const read = () => {
    const hash = location.hash.slice(1);
    if (!hash.startsWith(KEY)) return;
    const states = hash.slice(KEY.length).split("~").filter((state) => /^\d+\.\d+(\.-?\d+)*$/.test(state));
    for (const ledger of ledgers) {
      const state = states.map((text) => text.split(".").map(Number)).find(([place]) => place === ledger.place);
      const [, chosen = 0, ...positions] = state || [];
      const within = positions.map((position) => Math.max(-STEPS, Math.min(STEPS, position)));
      ledger.choose(Math.min(chosen, ledger.sets.length - 1), within);
    }
  };

  read();
  window.addEventListener("hashchange", read);
  window.addEventListener("resize", () => ledgers.forEach((ledger) => ledger.update(false)));
})();
