import { sayStyle } from "../../contract/install-style.ts";
import type { ClusterPlan, DetectedInstall } from "../../contract/plan.ts";
import { sayState } from "../summary.ts";
import { sayVersion } from "../text-clusters.ts";
import type { Budget } from "./budget.ts";
import { type Html, html } from "./html.ts";
import { badge, place, type Section, sayCut } from "./parts.ts";

const MOST_BYTES = 100_000;

/**
 * Where each cluster stands, and what says so.
 * @param all each cluster once
 */
export function clustersSection(all: readonly ClusterPlan[], budget: Budget): Section | undefined {
  if (all.length === 0) return undefined;
  const { shown: cards, cut } = budget.fit(all, clusterCard, MOST_BYTES);
  return {
    id: "clusters",
    title: all.length === 1 ? "Cluster" : "Clusters",
    ...(all.length > 1 && { note: String(all.length) }),
    body: html`<div class="cards">${cards}</div>${sayCut(cut, "cluster", "fluxlift scan lists them.")}`,
  };
}

function clusterCard(plan: ClusterPlan): Html {
  const { cluster, state, detected } = plan;
  return html`<article class="card"><h3>${cluster} ${badge(state === "done" ? "good" : "calm", sayState(plan))}</h3>
<dl>${factsOf(detected).map(([label, value, at]) => html`<dt>${label}</dt><dd>${value} ${place(at)}</dd>`)}</dl></article>
`;
}

type Fact = [label: string, value: Html | string, at?: Parameters<typeof place>[0]];

function factsOf(detected: DetectedInstall): Fact[] {
  const { version, continuous, source, root, bootstrap = [], patches } = detected;
  const facts: Fact[] = [
    ["Flux", version ? version.value : sayVersion(detected), version?.at],
    ["Installed by", sayStyle(continuous?.style ?? detected.style, continuous?.at), continuous?.at],
  ];
  if (source) facts.push(["Source", html`${source.kind} <code>${source.name}</code>, ${source.ref}`, source.at]);
  if (root) facts.push(["Root", html`<code>${root.name}</code> → <code>${root.path}</code>`, root.at]);
  for (const { style, version: own, at } of bootstrap)
    facts.push(["Bootstrap", `${sayStyle(style, at)} ${own ?? ""}`.trim(), at]);
  if (patches > 0) facts.push(["Patches", String(patches)]);
  return facts;
}
