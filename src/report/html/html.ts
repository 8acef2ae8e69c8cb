import { getOrMake } from "../../contract/group-by.ts";
import { type HtmlPage, made } from "../../contract/media.ts";
import { visible } from "../../contract/visible.ts";
import { escapeChar } from "../../yaml/scalars.ts";
import { hideCiphers } from "../secrets.ts";
import { sayCount } from "../terminal.ts";

let make: (markup: string) => Html;

/** Markup that is safe to put into a page. Only this file makes it, so a plain string where markup goes does not compile. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  static {
    make = (markup) => new Html(markup);
  }

  toString(): string {
    return this.#markup;
  }

  toPage(): HtmlPage {
    return made(this.#markup);
  }
}

/** What may stand in a template: texts are escaped, nothing is printed for `undefined` and `false`. */
export type Value = Html | string | number | undefined | false | readonly Value[];

/**
 * The only way from data to markup: a tagged template that escapes every value. A value in an attribute must stand in quotes, links
 * lead to places of the same page only, and attributes that hold code or style take no values.
 * @throws Error where a template would put a value in another place
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const places = placesOf(strings);
  let markup = strings[0]!;
  for (const [index, value] of values.entries()) {
    markup += print(value, places[index]!) + strings[index + 1]!;
  }
  return make(markup);
}

/** Where a value stands: in text, inside a tag, in an attribute, or at the beginning of one that leads somewhere. */
type Place = "text" | "tag" | "attribute" | "link";

const known = new WeakMap<TemplateStringsArray, readonly Place[]>();

function placesOf(strings: TemplateStringsArray): readonly Place[] {
  return getOrMake(known, strings, () => scan(strings));
}

const LINKS = /^(?:href|src|srcset|action|formaction|data|poster|ping|background|xlink:href)$/;

/** How far a browser has read a template. */
interface Reading {
  inside: "text" | "tag" | "quotes";
  /** The attribute whose quotes were opened last. */
  attribute: string;
}

/** Reads the literal parts of a template as a browser would. */
function scan(strings: readonly string[]): Place[] {
  const reading: Reading = { inside: "text", attribute: "" };
  return strings.slice(0, -1).map((text) => {
    read(text, reading);
    return placeAfter(text, reading);
  });
}

function read(text: string, reading: Reading): void {
  for (let at = 0; at < text.length; at++) {
    const { inside } = reading;
    const next = TURNS[inside][text[at]!];
    if (next === undefined) continue;
    if (inside === "tag" && next === "quotes") reading.attribute = /([\w:-]+)=$/.exec(text.slice(0, at))?.[1] ?? "";
    reading.inside = next;
  }
}

/** Which characters lead where. */
const TURNS: Record<Reading["inside"], Partial<Record<string, Reading["inside"]>>> = {
  text: { "<": "tag" },
  tag: { ">": "text", '"': "quotes" },
  quotes: { '"': "tag" },
};

/** The place of a value behind a part of a template. */
function placeAfter(text: string, { inside, attribute }: Reading): Place {
  if (inside === "tag" && text.endsWith("=")) throw new Error(`a value without quotes after ${text}`);
  if (inside !== "quotes") return inside;
  if (/^(?:$|on|style$|srcdoc$)/.test(attribute)) throw new Error(`a value in the attribute ${attribute}`);
  return LINKS.test(attribute) && text.endsWith('="') ? "link" : "attribute";
}

function print(value: Value, place: Place): string {
  if (value === undefined || value === false) return "";
  if (place === "text") return Array.isArray(value) ? value.map((one) => print(one, place)).join("") : printOne(value);
  if (place === "tag") {
    if (value instanceof Html) return value.toString();
    throw new Error("an attribute that is no markup");
  }
  if (typeof value !== "string" && typeof value !== "number") throw new Error("an attribute that is no text");
  if (place === "link" && !String(value).startsWith("#")) throw new Error(`a link that leads out: ${value}`);
  return escapeText(String(value));
}

function printOne(value: Exclude<Value, undefined | false>): string {
  return value instanceof Html ? value.toString() : escapeText(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" },
};

/** A longer text is cut, and says so: a name or a sentence of that length is an attack or a mistake. */
const MOST_CHARACTERS = 60_000;

/**
 * Line breaks and tabs stay; every other character that would not show, or would turn others around, is spelt out. Encrypted values
 * and private keys are not shown, wherever they come from.
 */
function escapeText(text: string): string {
  const open = hideCiphers(cut(text));
  const clean = /[^\x20-\x7e]/.test(open)
    ? open
        .split(/([\n\t]+)/)
        .map(showHidden)
        .join("")
    : open;
  return clean.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}

function cut(text: string): string {
  const more = text.length - MOST_CHARACTERS;
  return more > 0 ? `${text.slice(0, MOST_CHARACTERS)} … (${sayCount(more, "more character")})` : text;
}

function showHidden(part: string, index: number): string {
  return index % 2 === 1 ? part : visible(part);
}

/** A `<style>` or `<script>` element of text that stands in this program, never of data. */
export function inlineElement(name: "style" | "script", code: string): Html {
  if (/<\/|<!--/.test(code)) throw new Error(`the ${name} would end early`);
  return make(`<${name}>${code}</${name}>`);
}

/** Data for the script of the page. */
export function jsonElement(id: string, data: unknown): Html {
  const json = JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, escapeChar);
  return make(`${html`<script type="application/json" id="${id}">`}${json}</script>`);
}

/** Prose with `code` in backticks; lines after the first one are code to paste. */
export function prose(text: string): Html {
  const [first = "", ...lines] = text.split("\n");
  return html`${inline(first)}${lines.length > 0 && html`<pre class="code">${lines.join("\n")}</pre>`}`;
}

/** One line of prose with `code` in backticks. */
export function inline(text: string): Html {
  return html`${text.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
