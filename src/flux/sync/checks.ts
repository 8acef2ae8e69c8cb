import type { DraftFinding } from "../../engine/transform.ts";
import type { Loc } from "../../errors.ts";
import { atLeast } from "../releases.ts";
import type { KubeObject, YamlData } from "../types.ts";
import type { CarryInput, SyncSpec } from "./types.ts";

type At = (object: KubeObject, path?: (string | number)[]) => Loc;

const SOURCE_KINDS = ["GitRepository", "OCIRepository", "Bucket"];
const PROVIDERS = ["generic", "aws", "azure", "gcp", "github"];
const KNOWN_METADATA = ["name", "namespace", "labels", "annotations"];

/** What makes it impossible to express the pair as one `spec.sync`. */
export function checkObjects(input: CarryInput, at: At): DraftFinding[] {
  const { source, root, namespace } = input;
  const ref: YamlData = root.data?.spec?.sourceRef ?? {};
  const findings: DraftFinding[] = [];
  const block = (object: KubeObject, path: string[], what: string, why: string) => {
    findings.push({
      rule: "sync-not-expressible",
      level: "blocker",
      resource: `${object.kind} ${object.name}`,
      at: at(object, path),
      what,
      why,
      next: "Use `--sync keep` to leave source and root as they are, or bring them into the form of a Flux bootstrap first.",
    });
  };
  if (!SOURCE_KINDS.includes(source.kind)) {
    block(
      source,
      [],
      `flux-operator cannot generate a ${source.kind} as sync source.`,
      "`sync.kind` takes GitRepository, OCIRepository or Bucket.",
    );
  }
  for (const object of [source, root]) {
    if (object.namespace === "" || object.namespace === namespace) continue;
    const what = `flux-operator would generate ${object.kind} ${object.name} in ${namespace}, not in ${object.namespace}.`;
    block(object, ["metadata", "namespace"], what, "The sync objects live in the namespace of the FluxInstance.");
  }
  if (ref.kind !== source.kind || ref.name !== source.name) {
    const what = `The root reads ${ref.kind} ${ref.name}, not ${source.kind} ${source.name}.`;
    block(root, ["spec", "sourceRef"], what, "flux-operator generates the source and the root as one pair.");
  }
  if (ref.namespace !== undefined && ref.namespace !== namespace) {
    const what = `The root reads its source from ${ref.namespace}; the generated one would read it from ${namespace}.`;
    block(
      root,
      ["spec", "sourceRef", "namespace"],
      what,
      "The sync objects live in the namespace of the FluxInstance.",
    );
  }
  const needed = source.kind === "Bucket" ? ["endpoint", "bucketName"] : ["url"];
  for (const field of needed) {
    if (typeof source.data?.spec?.[field] === "string" && source.data.spec[field] !== "") continue;
    block(source, ["spec"], `${source.kind} ${source.name} has no \`spec.${field}\`.`, "`spec.sync` needs it.");
  }
  return findings;
}

/** Metadata that cannot travel through a patch. */
export function checkMetadata(object: KubeObject, at: At): DraftFinding[] {
  const fields = Object.keys(object.data?.metadata ?? {}).filter((field) => !KNOWN_METADATA.includes(field));
  return fields.map((field) => ({
    rule: "sync-metadata-lost",
    level: "caution",
    resource: `${object.kind} ${object.name}`,
    at: at(object, ["metadata", field]),
    what: `\`metadata.${field}\` of ${object.kind} ${object.name} does not come along.`,
    why: "Patches of a FluxInstance carry labels and annotations of the sync objects only.",
    next: "Take it out of the file, or set it on the live object by hand if it is needed.",
  }));
}

/** Providers the API server or the operator refuses (trap 28). */
export function checkProvider(input: CarryInput, sync: SyncSpec, at: At): DraftFinding[] {
  const { provider, kind } = sync;
  if (provider === undefined) return [];
  let why: string | undefined;
  if (!PROVIDERS.includes(provider)) why = `it is none of ${PROVIDERS.join(", ")}`;
  else if (provider === "gcp" && kind === "GitRepository") why = "gcp is for OCIRepository and Bucket";
  else if (provider === "github" && kind !== "GitRepository") why = "github is for GitRepository";
  else if (provider === "aws" && kind === "GitRepository" && !atLeast(input.fluxVersion, "2.9")) {
    why = "aws on a GitRepository needs Flux 2.9";
  }
  if (why === undefined) return [];
  return [
    {
      rule: "sync-provider-refused",
      level: "blocker",
      resource: `${input.source.kind} ${input.source.name}`,
      at: at(input.source, ["spec", "provider"]),
      what: `The FluxInstance would be refused for \`sync.provider: ${provider}\`.`,
      why: `For this source ${why}.`,
      next: "Correct `spec.provider` of the source, then run again.",
    },
  ];
}

/** Settings of the root that behave differently once the operator owns and watches it. */
export function checkRoot(input: CarryInput, spec: YamlData, at: At): DraftFinding[] {
  const { root, source } = input;
  const findings: DraftFinding[] = [];
  const say = (
    level: DraftFinding["level"],
    rule: string,
    object: KubeObject,
    field: string,
    texts: [string, string, string],
  ) => {
    const [what, why, next] = texts;
    findings.push({
      rule,
      level,
      resource: `${object.kind} ${object.name}`,
      at: at(object, ["spec", field]),
      what,
      why,
      next,
    });
  };
  for (const object of [source, root]) {
    if (object.data?.spec?.suspend !== true) continue;
    say("caution", "sync-suspended", object, "suspend", [
      `${object.kind} ${object.name} is suspended and stays so after the takeover.`,
      "The suspension is carried over as a patch; nothing new is synced while it lasts.",
      "Resume it in Git before the migration, unless it is meant to stay suspended.",
    ]);
  }
  if (spec.wait === true || (Array.isArray(spec.healthChecks) && spec.healthChecks.length > 0)) {
    say("info", "sync-root-waits", root, spec.wait === true ? "wait" : "healthChecks", [
      "The FluxInstance becomes Ready only after everything the root waits for is ready.",
      "The operator waits for the generated root, and the root for its own health checks.",
      "Make sure that nothing the root waits for is the FluxInstance itself; the generated apps do not wait for it.",
    ]);
  }
  return findings;
}
