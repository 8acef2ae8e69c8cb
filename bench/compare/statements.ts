import type { Answer, Json, Kind } from "./types.ts";

/** One thing a build says, as text: equal texts are the same statement. */
export interface Statement {
  kind: Kind;
  text: string;
  detail?: string;
}

const list = (value: Json): Json[] => (Array.isArray(value) ? value : []);
const say = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Everything an answer states, without what only the shape of its JSON would make different. */
export function statementsOf({ exit, error, said }: Answer): Statement[] {
  const out: Statement[] = [{ kind: "exit", text: `exit ${exit}` }];
  if (error !== undefined) out.push({ kind: "error", text: error });
  if (said === undefined) return out;
  for (const finding of list(said.findings)) out.push(...ofFinding(finding, "-"));
  if (Array.isArray(said.phases)) {
    for (const phase of said.phases) {
      for (const cluster of list(phase.clusters)) out.push(...ofCluster(cluster, String(phase.phase)));
    }
  } else {
    if ("safe" in said || "verdict" in said) out.push({ kind: "verdict", text: `verdict ${verdictOf(said)}` });
    for (const cluster of list(said.clusters)) out.push(...ofCluster(cluster, "-"));
  }
  return out;
}

/** The verdict of `verify`, also of a build that only knows `safe`. */
function verdictOf(said: Json): string {
  if (said.verdict !== undefined) return say(said.verdict);
  if (!said.safe) return "unsafe";
  const verdicts = list(said.clusters).map(({ safety }) => derived(safety ?? {}));
  return ["unproven", "deletes"].find((verdict) => verdicts.includes(verdict)) ?? "safe";
}

/** What a build without verdicts says of one cluster. */
function derived({ dangers, unknown }: Json): string {
  if (list(dangers).some(({ wanted }) => wanted)) return "unsafe";
  if (list(unknown).length > 0) return "unproven";
  return list(dangers).length > 0 ? "deletes" : "safe";
}

function ofFinding(finding: Json, phase: string): Statement[] {
  const { rule, level, cluster, at, file, line, resource, what, why, next } = finding;
  const place = at ? `${at.file}:${at.line}` : file ? `${file}:${line}` : "-";
  const id = `${level} ${rule} ${cluster ?? "-"} ${place}`;
  const detail = [what, why, next].join("\n");
  return [
    { kind: "finding", text: `${id} [${finding.phase ?? phase}]`, detail },
    { kind: "words", text: `${id}: ${[resource ?? "", what, why, next].join(" | ")}` },
  ];
}

function ofCluster(cluster: Json, phase: string): Statement[] {
  const name = String(cluster.cluster ?? cluster.name ?? "?");
  const { detected = {}, state } = cluster;
  const { style, version, root } = detected;
  const facts = [state, style, version?.value, root?.name, root?.path, detected.layout, detected.namespace];
  const at = `${phase} ${name}`;
  const out: Statement[] = [{ kind: "clusters", text: `${at}: ${facts.map((fact) => fact ?? "-").join(" ")}` }];
  for (const finding of list(cluster.findings)) out.push(...ofFinding(finding, phase));
  for (const { path, kind, transform, to } of list(cluster.edits)) {
    out.push({ kind: "edit", text: `${at}: ${kind} ${path}${to ? ` to ${to}` : ""} by ${transform}` });
  }
  for (const { from, title, to, note } of list(cluster.patches)) {
    const place = (where: Json): string => (where ? `${where.file}:${where.line}` : "nowhere");
    out.push({ kind: "patches", text: `${at}: ${title} ${place(from)} to ${place(to)}: ${note}` });
  }
  if (cluster.safety) out.push(...ofSafety(cluster.safety, at));
  if (cluster.runbook) out.push(...ofRunbook(cluster.runbook, at));
  return out;
}

function ofSafety(safety: Json, at: string): Statement[] {
  const out: Statement[] = [];
  out.push({ kind: "verdict", text: `${at}: verdict ${say(safety.verdict ?? derived(safety))}` });
  for (const { resource, outcome, wanted } of list(safety.dangers)) {
    out.push({ kind: "danger", text: `${at}: ${resource} ${outcome}${wanted ? " though wanted" : ""}` });
  }
  for (const [fate, value] of Object.entries((safety.outcomes ?? {}) as Json)) {
    const { count, names } = value as Json;
    const whole = list(names).length === count ? list(names).map(say).sort() : [];
    // A build that cuts its lists is only compared by how many there are.
    out.push({ kind: fate === "kept" ? "kept" : "fate", text: `${at}: ${count} ${fate}`, detail: whole.join(", ") });
  }
  for (const unknown of list(safety.unknown)) {
    out.push({ kind: "unknown", text: `${at}: ${placeOf(unknown)}`, detail: say(unknown) });
  }
  return out;
}

/** Where an unknown lies: older builds say it at the end of a sentence. */
function placeOf(unknown: Json): string {
  if (typeof unknown !== "string") return unknown.at ? `${unknown.at.file}:${unknown.at.line}` : String(unknown.what);
  return /\(([^()]+:\d+)\)\.?$/.exec(unknown)?.[1] ?? unknown;
}

function ofRunbook(runbook: Json, at: string): Statement[] {
  const out: Statement[] = [];
  for (const part of ["preChecks", "steps", "rollback", "rebuild"]) {
    for (const { title, body, commands, expect } of list(runbook[part])) {
      const detail = [...list(body), ...list(commands).map((command) => `$ ${command}`), expect ?? ""].join("\n");
      out.push({ kind: "runbook", text: `${at}: ${part}: ${title}\n${detail}` });
    }
  }
  for (const text of list(runbook.assumptions)) out.push({ kind: "runbook", text: `${at}: assumes ${text}` });
  out.push({ kind: "runbook", text: `${at}: measures ${JSON.stringify(runbook.measure)}` });
  return out;
}
