// Builds booking/static/ from this folder; the result is committed.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { compile } from "sass";
import { checkContrast } from "./contrast.js";

const out = new URL("../booking/static/", import.meta.url).pathname;
const here = new URL("./", import.meta.url).pathname;
const font = `${here}node_modules/@fontsource-variable/atkinson-hyperlegible-next`;

mkdirSync(`${out}fonts`, { recursive: true });
mkdirSync(`${out}licences`, { recursive: true });

const { css } = compile(`${here}sass/app.scss`, { style: "compressed", loadPaths: [`${here}node_modules`] });
checkContrast(css);
writeFileSync(`${out}app.css`, css + "\n");

const script = await build({
  entryPoints: [`${here}js/app.js`],
  write: false,
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2020",
});
// The service is unbranded, so the government's name leaves the few messages meant for developers, too.
writeFileSync(`${out}app.js`, script.outputFiles[0].text.replaceAll("GOV.UK Frontend", "govuk-frontend"));

for (const subset of ["latin", "latin-ext"]) {
  const name = `atkinson-hyperlegible-next-${subset}`;
  copyFileSync(`${font}/files/${name}-wght-normal.woff2`, `${out}fonts/${name}.woff2`);
}
copyFileSync(`${font}/LICENSE`, `${out}licences/atkinson-hyperlegible-next.txt`);
copyFileSync(`${here}licences/govuk-frontend.txt`, `${out}licences/govuk-frontend.txt`);
// It stands on one page only, and is short enough to go out as it is written.
copyFileSync(`${here}js/news.js`, `${out}news.js`);
copyFileSync(`${here}favicon.svg`, `${out}favicon.svg`);
