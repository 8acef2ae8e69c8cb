import { parseAddress } from "../../contract/address.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import type { KubeObject } from "../../contract/objects.ts";
import type { RuleFacts } from "../../contract/rule-facts.ts";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import { findStandIn } from "../../contract/stand-in.ts";
import { SYNC_SOURCE_KINDS } from "../../delivery/kinds.ts";
import { isSubstitutionDisabled } from "../../delivery/kustomize/index.ts";
import type { SyncSpec } from "../../release/generated-sync.ts";
import { atLeast, type FluxVersion } from "../../release/releases.ts";
import type { At, CarryInput } from "./types.ts";

const PROVIDERS = ["generic", "aws", "azure", "gcp", "github"];
const KNOWN_METADATA = ["name", "namespace", "labels", "annotations"];

/** `https://…` and `git@github.com:me/home`, which is no URL to Flux. */
const URL_WITH_SCHEME = /^(?:[a-z][a-z0-9+.-]*:\/\/|[\w.-]+@[\w.-]+:)/i;

/** What the CRDs of the sources take as a URL. */
const SCHEMES: ReadonlyMap<string, { takes: RegExp; begins: string }> = new Map([
  ["GitRepository", { takes: /^(?:https?|ssh):\/\//, begins: "https://, http:// or ssh://" }],
  ["OCIRepository", { takes: /^oci:\/\//, begins: "oci://" }],
]);

/** What makes it impossible to express the pair as one `spec.sync`. */
export function checkObjects(input: CarryInput, at: At): DraftFinding[] {
  const { source, root, namespace } = input;
  const ref = root.data.spec?.sourceRef ?? {};
  const findings: DraftFinding[] = [];
  const block = (object: KubeObject, path: string[], facts: RuleFacts["sync-not-expressible"]) => {
    const resource = `${object.kind} ${object.name}`;
    findings.push({ rule: "sync-not-expressible", level: "blocker", resource, at: at(object, path), facts });
  };
  if (!SYNC_SOURCE_KINDS.includes(source.kind)) block(source, [], { kind: source.kind });
  for (const object of [source, root]) {
    if (object.namespace === "" || object.namespace === namespace) continue;
    const resource = `${object.kind} ${object.name}`;
    block(object, ["metadata", "namespace"], { resource, namespace, instead: object.namespace });
  }
  if (ref.kind !== source.kind || ref.name !== source.name)
    block(root, ["spec", "sourceRef"], { reads: `${ref.kind} ${ref.name}`, source: `${source.kind} ${source.name}` });
  if (ref.namespace !== undefined && ref.namespace !== namespace)
    block(root, ["spec", "sourceRef", "namespace"], { from: String(ref.namespace), namespace });
  for (const field of source.kind === "Bucket" ? (["endpoint", "bucketName"] as const) : (["url"] as const)) {
    const value = source.data.spec?.[field];
    if (typeof value === "string" && value !== "") continue;
    block(source, ["spec"], { resource: `${source.kind} ${source.name}`, field });
  }
  for (const [object, field, open] of openFields(input)) {
    block(object, ["spec", ...field.split(".")], { resource: `${object.kind} ${object.name}`, field, open });
  }
  // A whole line that is filled in: `${ref=branch: main}` is read as a field `${ref=branch`.
  for (const open of Object.keys(source.data.spec?.ref ?? {}).filter((key) => key.includes("${"))) {
    const resource = `${source.kind} ${source.name}`;
    block(source, ["spec", "ref"], { resource, field: "ref", open, isName: true });
  }
  const { url, endpoint, ref: reads } = source.data.spec ?? {};
  const pin = source.kind === "GitRepository" ? "commit" : "digest";
  const to: unknown = reads?.[pin];
  if (typeof to === "string" && to !== "")
    block(source, ["spec", "ref", pin], { resource: `${source.kind} ${source.name}`, pin, to });
  const hasSecret = parseAddress(String(url ?? endpoint ?? "")).hasSecret;
  const scheme = SCHEMES.get(source.kind);
  if (scheme && !hasSecret && typeof url === "string" && URL_WITH_SCHEME.test(url) && !scheme.takes.test(url))
    block(source, ["spec", "url"], { resource: `${source.kind} ${source.name}`, url, begins: scheme.begins });
  if (hasSecret) {
    const resource = `${source.kind} ${source.name}`;
    findings.push({
      rule: "sync-url-secret",
      level: "blocker",
      resource,
      at: at(source, ["spec"]),
      facts: { resource },
    });
  }
  return findings;
}

/** What `envsubst`, a script or a person fills in before source and root are applied: no post-build substitution does. */
function openFields({ source, root, oldSubstituted = false }: CarryInput): [KubeObject, field: string, open: string][] {
  const { url, endpoint, bucketName, ref, secretRef } = source.data.spec ?? {};
  const ofRef = Object.entries(ref ?? {}).map(([key, value]) => [source, `ref.${key}`, value] as const);
  const fields: (readonly [KubeObject, string, unknown])[] = [
    [source, "url", url],
    [source, "endpoint", endpoint],
    [source, "bucketName", bucketName],
    ...ofRef,
    [source, "secretRef.name", secretRef?.name],
    [root, "path", root.data.spec?.path],
  ];
  return fields.flatMap(([object, field, value]) => {
    const isFilled = oldSubstituted && !isSubstitutionDisabled(object.data);
    // Flux takes `$NAME` for plain text.
    const left = isFilled ? /\$[a-z_]\w*/i : /\$\{\w[^}$]*\}|\$[a-z_]\w*/i;
    const open = typeof value === "string" ? (left.exec(value)?.[0] ?? findStandIn(value)) : undefined;
    return open === undefined ? [] : [[object, field, open]];
  });
}

/** Metadata that cannot travel through a patch. */
export function checkMetadata(object: KubeObject, at: At): DraftFinding[] {
  const fields = Object.keys(object.data.metadata ?? {}).filter((field) => !KNOWN_METADATA.includes(field));
  const resource = `${object.kind} ${object.name}`;
  return fields.map((field) => ({
    rule: "sync-metadata-lost",
    level: "caution",
    resource,
    at: at(object, ["metadata", field]),
    facts: { resource, field },
  }));
}

/** Providers the API server or the operator refuses (trap 28). */
export function checkProvider(input: CarryInput, sync: SyncSpec, at: At): DraftFinding[] {
  const { provider, kind } = sync;
  const why = provider === undefined ? undefined : refusalOf(provider, kind, input.fluxVersion);
  if (provider === undefined || why === undefined) return [];
  const place = { resource: `${kind} ${input.source.name}`, at: at(input.source, ["spec", "provider"]) };
  return [{ rule: "sync-provider-refused", level: "blocker", ...place, facts: { provider, why } }];
}

function refusalOf(provider: string, kind: string, version: FluxVersion): string | undefined {
  const isGit = kind === "GitRepository";
  if (!PROVIDERS.includes(provider)) return `it is none of ${PROVIDERS.join(", ")}`;
  if (provider === "gcp" && isGit) return "gcp is for OCIRepository and Bucket";
  if (provider === "github" && !isGit) return "github is for GitRepository";
  return provider === "aws" && isGit && !atLeast(version, "2.9") ? "aws on a GitRepository needs Flux 2.9" : undefined;
}

/** Settings of the root that behave differently once the operator owns and watches it. */
export function checkRoot({ root, source }: CarryInput, spec: FluxObjectSpec, at: At): DraftFinding[] {
  const suspended = [source, root].filter(({ data }) => data.spec?.suspend === true);
  const field = spec.wait === true ? "wait" : "healthChecks";
  const waits = spec.wait === true || (Array.isArray(spec.healthChecks) && spec.healthChecks.length > 0);
  const rootPlace = { resource: `${root.kind} ${root.name}`, at: at(root, ["spec", field]) };
  return [
    ...suspended.map((object): DraftFinding => {
      const resource = `${object.kind} ${object.name}`;
      const place = { resource, at: at(object, ["spec", "suspend"]) };
      return { rule: "sync-suspended", level: "caution", ...place, facts: { resource } };
    }),
    ...(waits ? [{ rule: "sync-root-waits", level: "info", ...rootPlace, facts: {} } as const] : []),
  ];
}
