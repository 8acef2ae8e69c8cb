import { formatLoc, type Loc } from "../../contract/errors.ts";
import type { MergeSafety } from "../../contract/safety.ts";
import { sayCount } from "../terminal.ts";
import { type Html, html } from "./html.ts";

/** A chapter of a page; `note` stands beside its title and in the list of contents. */
export interface Section {
  id: string;
  title: string;
  note?: string | undefined;
  body: Html;
}

/** What one merge does to one cluster. */
export interface Part {
  cluster: string;
  phase?: string;
  safety: MergeSafety;
}

/** Names a part where there are several: by phase, by cluster, or both. */
export function namePart(part: Omit<Part, "safety">, all: readonly Omit<Part, "safety">[]): string {
  const isOne = (pick: (one: Omit<Part, "safety">) => string | undefined) => new Set(all.map(pick)).size < 2;
  const names = [
    isOne(({ cluster }) => cluster) ? [] : part.cluster,
    isOne(({ phase }) => phase) ? [] : (part.phase ?? []),
  ];
  return names.flat().join(" · ");
}

export function place(loc: Loc | undefined): Html | undefined {
  return loc && html`<code class="place">${formatLoc(loc)}</code>`;
}

/** Says what did not fit, and where it is. */
export function sayCut({ length }: readonly unknown[], noun: string, where: string): Html | undefined {
  if (length === 0) return undefined;
  return html`<p class="cut">${sayCount(length, noun)} more did not fit in this page. ${where}</p>`;
}

/** A label that says what something is, in the tone that says how bad it is. */
export function badge(tone: "good" | "warn" | "bad" | "calm", text: string): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}
