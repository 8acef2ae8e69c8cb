import { createHash } from "node:crypto";
import type { HtmlPage } from "../../contract/media.ts";
import { VERSION } from "../../contract/version.ts";
import { assetText } from "../../files/asset.ts";
import { type Html, html, inlineElement, jsonElement } from "./html.ts";
import type { Section } from "./parts.ts";
import type { Headline } from "./verdict.ts";

export interface Page {
  /** For the tab. */
  title: string;
  headline: Headline;
  /** Beside the verdict: labels and values. */
  facts: readonly (readonly [label: string, value: Html | string])[];
  /** What to do next, and the commands for it. */
  next?: readonly { says: string; commands: readonly string[] }[] | undefined;
  sections: readonly (Section | undefined | false)[];
  /** What the page was made from; the ticks of its checklists belong to it. */
  source: string;
}

const STYLE = [
  assetText("colours.css", import.meta.url),
  assetText("page.css", import.meta.url),
  assetText("diff.css", import.meta.url),
].join("");
const SCRIPT = assetText("page.mjs", import.meta.url);

const hashOf = (text: string) => createHash("sha256").update(text).digest("base64");

/** Nothing may load and nothing may run but the style and the script in the page itself. */
function policy(): string {
  return [
    "default-src 'none'",
    `script-src 'sha256-${hashOf(SCRIPT)}'`,
    `style-src 'sha256-${hashOf(STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "trusted-types 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

/** A whole page in one file, without anything from elsewhere. */
export function renderPage({ title, headline, facts, next, sections, source }: Page): HtmlPage {
  const shown = sections.filter((section) => section !== undefined && section !== false);
  const key = `fluxlift:${createHash("sha256").update(source).digest("hex").slice(0, 24)}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="generator" content="fluxlift ${VERSION}">
<title>${title}</title>
${inlineElement("style", STYLE)}
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header class="top ${headline.tone}"><div class="wrap">
<p class="brand">fluxlift <span>${title}</span></p>
<h1>${headline.title}</h1>
<p class="says">${headline.says}</p>
<dl class="facts">${facts.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
${(next ?? []).map(({ says, commands }) => html`<div class="todo"><span>${says}</span>${commands.map((line) => html` <code class="cmd">${line}</code>`)}</div>`)}
</div></header>
<div class="wrap body">
<nav aria-label="Contents"><ul>${shown.map(({ id, title: name, note }) => html`<li><a href="${`#${id}`}">${name}</a>${note !== undefined && html` <span>${note}</span>`}</li>`)}</ul></nav>
<main id="main">
${shown.map(
  ({
    id,
    title: name,
    note,
    body,
  }) => html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${name}${note !== undefined && html` <span>${note}</span>`}</h2>
${body}
</section>
`,
)}</main>
</div>
<footer class="wrap">Made by fluxlift ${VERSION}. One file: nothing is loaded from anywhere, and nothing is sent.</footer>
${jsonElement("data", { key })}
${inlineElement("script", SCRIPT)}
</body>
</html>
`;
  return page.toPage();
}
