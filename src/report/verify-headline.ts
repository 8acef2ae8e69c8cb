import { clip } from "../contract/cut.ts";
import type { Finding } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import { listSome } from "../contract/list-some.ts";
import type { Acceptor, SafetyDanger, SafetyUnknown, Verdict } from "../contract/safety.ts";
import { sayAcceptor } from "../safety/fate/acceptance.ts";
import type { VerifyReport } from "../safety/verify.ts";
import { sayCount } from "./terminal.ts";
import { mayTakeOver } from "./text-safety.ts";

/** Names in the one line that says it all, and letters of each. */
const SHOWN = 3;
const LONGEST = 100;

/** How the change is named when it is not committed. */
export const UNCOMMITTED = { worktree: "files on disk", index: "staged changes" } as const;

export const TITLES: Readonly<Record<Verdict, string>> = {
  safe: "safe to merge",
  deletes: "deletes on purpose",
  unproven: "not proven safe",
  unsafe: "not safe to merge",
};

/** What the verdict rests on, by name, in one line without a full stop. */
export function sayVerify(report: VerifyReport): string {
  switch (report.verdict) {
    case "safe":
      return saySafe(report);
    case "deletes":
      return sayDeletes(report);
    case "unproven":
      return sayUnproven(report);
    case "unsafe":
      return sayUnsafe(report);
  }
}

function saySafe({ merge, base, head, changed, clusters }: VerifyReport): string {
  if (merge.method === "contained")
    return `${head.revision} is in ${base.revision} already, so merging changes nothing`;
  if (changed === 0) return "no file changes";
  if (clusters.length === 0) return "no cluster was recognised, and no object leaves the files that change";
  const created = clusters.reduce((sum, { safety }) => sum + (safety.outcomes.created?.count ?? 0), 0);
  const isOld = clusters.some(({ safety }) => mayTakeOver(safety));
  const more = created > 0 ? ` and creates${isOld ? " or takes over" : ""} ${sayCount(created, "object")}` : "";
  return `Flux deletes nothing${more}, in any order of reconciling`;
}

function sayDeletes({ clusters, findings }: VerifyReport): string {
  const gone = clusters.flatMap(({ safety }) => safety.dangers);
  const unread = clusters.flatMap(({ safety }) => safety.unknown);
  const all = [...gone, ...unread];
  const accepted = all.filter((one) => one.acceptedBy);
  const own = gone.filter((one) => !one.acceptedBy).length;
  const whose = own < gone.length ? `${own} ` : own > 1 ? "each " : "";
  const parts = [
    ...(own > 0 ? [`${whose}taken out by this change`] : []),
    ...(accepted.length > 0 ? [`${accepted.length} accepted ${sayPeople(accepted)}`] : []),
  ];
  const givenUp = findings.flatMap(({ rule, cluster }) => (rule === "cluster-goes" ? (cluster ?? []) : []));
  const left = givenUp.length > 0 ? `${sayCount(givenUp.length, "cluster")} given up: ${sayNames(givenUp)}` : "";
  if (all.length === 0) return left;
  const said =
    gone.length > 0 ? `${sayCount(gone.length, "object")} ${gone.length === 1 ? "goes" : "go"}` : "nothing known goes";
  // Two things may be open of one object.
  const named = clusters.flatMap(({ safety }) => [...new Set([...safety.dangers, ...safety.unknown].map(nameOf))]);
  const names = [...groupBy(named, (name) => name)].map(([name, { length }]) => {
    return length > 1 ? `${name} in ${length} clusters` : name;
  });
  return `${said}: ${sayNames(names)}; ${[...parts, ...(left ? [left] : [])].join(", ")}`;
}

function sayUnproven({ clusters, merge, findings }: VerifyReport): string {
  const open = clusters.flatMap(({ safety }) => safety.unknown).filter(({ accepted }) => !accepted);
  const whole = findings.filter(({ level, rule, cluster }) => {
    return level === "blocker" && rule === "safety-unknown" && cluster === undefined;
  });
  const parts: string[] = [];
  const { conflicts } = merge;
  if (conflicts.length > 0) parts.push(`${sayCount(conflicts.length, "file")} in conflict: ${sayNames(conflicts)}`);
  // One may come with the change, and none have been there before.
  if (clusters.length === 0 || whole.some(({ resource }) => resource === undefined))
    parts.push("no cluster was recognised, so nobody knows who reads what changes");
  const unread = [...open.map(nameOf), ...(clusters.length > 0 ? whole.flatMap(({ resource }) => resource ?? []) : [])];
  if (unread.length > 0) {
    parts.push(`${sayCount(unread.length, "thing")} that the change touches cannot be read: ${sayNames(unread)}`);
  }
  return parts.join("; ");
}

/** What breaks, by what it means for the owner. */
const BREAKS: readonly [rules: readonly string[], one: string, many: string][] = [
  [["build-breaks"], "Kustomization stops building", "Kustomizations stop building"],
  [["cluster-goes"], "cluster is taken out", "clusters are taken out"],
  [["second-owner"], "object is in the way of another one", "objects are in the way of others"],
  [["operator-goes"], "object loses its operator", "objects lose their operator"],
  [["instance-harms"], "change harms Flux itself", "changes harm Flux itself"],
  [["immutable-changes"], "field changes that cannot be changed", "fields change that cannot be changed"],
  [["object-refused"], "object is refused by the API server", "objects are refused by the API server"],
  [["labels-dropped"], "object loses its labels", "objects lose their labels"],
  [["reference-breaks"], "object loses what it refers to", "objects lose what they refer to"],
  [["reference-missing"], "object names what nothing makes", "objects name what nothing makes"],
  [["waits-in-circle"], "object waits for itself", "objects wait for themselves"],
  [["api-not-served"], "API is not served", "APIs are not served"],
  [["namespace-missing"], "namespace is made by nothing", "namespaces are made by nothing"],
  [["reconcile-stops", "login-mismatch"], "object stops working", "objects stop working"],
  [["field-ignored"], "field is dropped without a word", "fields are dropped without a word"],
  [
    ["folder-of-another"],
    "Kustomization takes another cluster's folder",
    "Kustomizations take another cluster's folder",
  ],
  [["setting-lost"], "Kustomization loses a setting it needs", "Kustomizations lose a setting they need"],
  [["instance-refused"], "FluxInstance is refused", "FluxInstances are refused"],
];

function sayUnsafe({ clusters, findings, merge }: VerifyReport): string {
  const blockers = findings.filter(({ level }) => level === "blocker");
  const wanted = clusters.flatMap(({ safety }) => safety.dangers).filter((one) => one.wanted && !one.accepted);
  const parts: string[] = [];
  if (blockers.some(({ rule }) => rule === "flux-may-go")) parts.push("Flux deletes itself");
  if (wanted.length > 0) {
    parts.push(`${sayCount(wanted.length, "object")} still wanted may be deleted: ${sayNames(wanted.map(nameOf))}`);
  }
  const said = ["flux-may-go", "wanted-may-go", "merge-conflict", "safety-unknown", "source-switches"];
  for (const [rules, one, many] of BREAKS) {
    said.push(...rules);
    const own = blockers.filter(({ rule }) => rules.includes(rule));
    if (own.length > 0) parts.push(`${sayCount(own.length, one, many)}: ${sayResources(own)}`);
  }
  const rest = blockers.filter(({ rule }) => !said.includes(rule));
  if (rest.length > 0) parts.push(`${sayCount(rest.length, "more blocker")}: ${sayResources(rest)}`);
  if (merge.conflicts.length > 0) parts.push(`${sayCount(merge.conflicts.length, "file")} in conflict`);
  return parts.join("; ");
}

function sayResources(findings: readonly Finding[]): string {
  return sayNames(
    findings.map(({ resource, rule, cluster }) => (rule === "cluster-goes" ? cluster : resource) ?? rule),
  );
}

function nameOf(one: Pick<SafetyDanger, "resource"> | Pick<SafetyUnknown, "resources">): string {
  return "resource" in one ? one.resource : one.resources[0]!;
}

/** Who accepted: `by Jane Doe in 1a2b3c4 and with --accept`. */
function sayPeople(accepted: readonly { acceptedBy?: Acceptor }[]): string {
  const people = [...new Set(accepted.flatMap(({ acceptedBy }) => (acceptedBy ? sayAcceptor(acceptedBy) : [])))];
  return sayNames(people, " and ");
}

function sayNames(all: readonly string[], last = ", "): string {
  const names = [...new Set(all)];
  const short = names.map((name) => clip(name, LONGEST));
  return names.length > SHOWN ? listSome(short, SHOWN) : short.join(last);
}
