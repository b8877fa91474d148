// Reads the colours out of the built stylesheet and refuses text that is hard to read.
const TEXT_ON = [
  ["ink", ["paper", "card", "card-head", "plum-soft", "next-from", "next-to"]],
  ["quiet", ["paper", "card", "card-head", "next-from", "next-to"]],
  ["plum", ["paper", "card", "card-head", "next-from", "next-to", "green-soft", "amber-soft"]],
  ["plum-deep", ["paper", "card", "plum-soft", "plum-soft-hover"]],
  ["plum-visited", ["paper", "card"]],
  ["on-plum", ["plum-fill", "plum-fill-hover", "plum-deep-fill"]],
  ["teal", ["teal-soft", "card"]],
  ["apricot", ["apricot-soft"]],
  ["green", ["green-soft", "card", "paper"]],
  ["amber", ["amber-soft"]],
  ["grey", ["grey-soft"]],
  ["red", ["red-soft", "paper", "card"]],
  ["on-came", ["came-fill"]],
  ["on-absent", ["absent-fill"]],
  ["focus-ink", ["focus"]],
];
const SHAPE_ON = [["input-line", ["paper", "card"]], ["plum", ["card", "paper"]], ["teal", ["card"]]];

function colours(block) {
  const found = {};
  for (const [, name, hex] of block.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{3,6})\b/gi)) {
    found[name] = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  }
  return found;
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function tooFaint(theme, palette, pairs, least) {
  const faint = [];
  for (const [text, grounds] of pairs) {
    for (const ground of grounds) {
      if (!palette[text] || !palette[ground]) {
        faint.push(`${theme}: --${text} or --${ground} is missing`);
      } else if (ratio(palette[text], palette[ground]) < least) {
        const found = ratio(palette[text], palette[ground]).toFixed(2);
        faint.push(`${theme}: --${text} on --${ground} is ${found}, needs ${least}`);
      }
    }
  }
  return faint;
}

export function checkContrast(css) {
  const light = colours(css.match(/:root\{--paper:[^}]*\}/)[0]);
  const dark = { ...light, ...colours(css.match(/prefers-color-scheme:\s*dark\)\{:root\{--paper:[^}]*\}/)[0]) };
  const faint = [["light", light], ["dark", dark]].flatMap(([theme, palette]) => [
    ...tooFaint(theme, palette, TEXT_ON, 4.5),
    ...tooFaint(theme, palette, SHAPE_ON, 3),
  ]);
  if (faint.length) {
    throw new Error(`Too faint to read:\n${faint.join("\n")}`);
  }
}
