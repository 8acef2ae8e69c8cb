import type { ClusterChange } from "../../change/change.ts";
import type { OpenPoint } from "../../change/types.ts";
import { DEFAULT_REGISTRY, KNOWN_REGISTRIES } from "../../cluster/gotk/images.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { describe } from "../../delivery/kinds.ts";
import { locateField } from "../../delivery/locations.ts";
import { findChartRegistry } from "../../instance/chart/values.ts";
import { listImageRegistries } from "../../instance/image-registry.ts";
import { readExact } from "../../release/ranges.ts";
import { canRun, formatFluxVersion, parseFluxVersion } from "../../release/releases.ts";
import { OWN_ARTIFACT, readHeld, resolveDistribution } from "./operator-set.ts";

interface Input extends ClusterChange {
  old: InstanceDescription | undefined;
  now: InstanceDescription | undefined;
}

/** What of a FluxInstance hangs on what lies outside of this repository, and comes or goes by the change. */
export function findOutOfReach(input: Input): OpenPoint[] {
  const all = [findRegistry, findVariant, findPullSecret, findArtifact, findArtifactSecret, findDomain, findVariables];
  return all.flatMap((find) => find(input));
}

const registryOf = ({ spec }: InstanceDescription) => String(spec.distribution?.registry ?? DEFAULT_REGISTRY);

/** Where the controllers are pulled from today. */
function registryBefore({ old, before, cluster }: Input): string {
  return old
    ? registryOf(old)
    : (cluster.install?.registry?.value ?? findChartRegistry(before, cluster) ?? DEFAULT_REGISTRY);
}

function pointAt({ now, after }: Input, path: readonly string[], what: string, look: string): OpenPoint {
  const whole = ["spec", ...(now!.form === "chart" ? ["values", "instance"] : []), ...path];
  return { resource: describe(now!.object), what, look, at: locateField(after, now!.object, whole), decides: true };
}

/**
 * A registry that the controllers come to be pulled from, of which only a look at it tells whether they are there: with any
 * that it does not know the operator writes `<registry>/<component>` and the tag of the release (flux-facts 1.4).
 */
function findRegistry(input: Input): OpenPoint[] {
  const { old, now, before, cluster } = input;
  if (!now) return [];
  const is = registryOf(now);
  if (KNOWN_REGISTRIES.has(is)) return [];
  const was = registryBefore(input);
  if (!old && listImageRegistries(before, cluster).includes(is)) return [];
  if (is === was || is.includes("${")) return [];
  const below = [...KNOWN_REGISTRIES].filter((known) => known.startsWith(`${is}/`));
  const hint = below.length > 0 ? `; known are ${below.join(", ")}` : "";
  const what = is === "" ? "nowhere: registry is empty" : `${is}, and nothing here says that they are there${hint}`;
  return [
    pointAt(
      input,
      ["distribution", "registry"],
      `has the controllers pulled from ${what}`,
      `look whether ${is}/source-controller and the other controllers can be pulled`,
    ),
  ];
}

/** The variant whose images a registry holds that the operator knows (flux-facts 1.4). */
const VARIANTS: Readonly<Record<string, string>> = {
  fluxcd: "upstream-alpine",
  [DEFAULT_REGISTRY]: "upstream-alpine",
  "ghcr.io/controlplaneio-fluxcd/alpine": "enterprise-alpine",
  "ghcr.io/controlplaneio-fluxcd/distroless": "enterprise-distroless",
  "ghcr.io/controlplaneio-fluxcd/distroless-fips": "enterprise-distroless-fips",
};

/** Other images of the same registry: the operator pins those of the variant by their digests. */
function findVariant(input: Input): OpenPoint[] {
  const { old, now } = input;
  if (!old || !now) return [];
  const [was, is] = [old, now].map((one) => String(one.spec.distribution?.variant ?? ""));
  const registry = registryOf(now);
  if (!is || is === (was || ofOwn(VARIANTS, registryOf(old))) || is === ofOwn(VARIANTS, registry)) return [];
  const what = `has the images of ${is} pulled from ${registry}, and nothing here says that they are there`;
  const look = `look whether ${registry}/source-controller can be pulled by the digest that ${is} has`;
  return [pointAt(input, ["distribution", "variant"], what, look)];
}

/** Anybody may pull from these. */
const PUBLIC = ["fluxcd", DEFAULT_REGISTRY];

/** Only customers may pull from what lies below: the operator's docs have a Secret made first. */
const CLOSED = "ghcr.io/controlplaneio-fluxcd/";

/** The Secret that the controllers are pulled with goes, while the registry may want one; or one that wants it comes without. */
function findPullSecret(input: Input): OpenPoint[] {
  const { old, now } = input;
  if (!now || now.unread !== undefined || now.spec.distribution?.imagePullSecret) return [];
  const registry = registryOf(now);
  const isClosed = KNOWN_REGISTRIES.has(registry) && registry.startsWith(CLOSED);
  const comes = isClosed && registry !== registryBefore(input);
  if (PUBLIC.includes(registry) || !(comes || old?.spec.distribution?.imagePullSecret)) return [];
  const what = `names no Secret from then on to pull the controllers with, and ${registry} may want one`;
  const look = `look whether ${registry}/source-controller can be pulled without logging in`;
  return [pointAt(input, ["distribution"], what, look)];
}

/** The operator builds nothing more where it cannot fetch its manifests, or finds no release of the version there (flux-facts 1.2). */
function findArtifact(input: Input): OpenPoint[] {
  const [was, is] = [input.old, input.now].map((one) => String(one?.spec.distribution?.artifact ?? ""));
  if (!input.old || !is || is === was || is.includes("${")) return [];
  const own = OWN_ARTIFACT.exec(is);
  const tag = own?.[1];
  const older = tag ? findOlder(input, tag) : undefined;
  if (own && older === undefined) return [];
  const what = older ?? `has the manifests of Flux fetched from ${is}, and nothing here says that they are there`;
  return [
    pointAt(
      input,
      ["distribution", "artifact"],
      what,
      `look whether the operator can fetch ${is}, and which releases of Flux it holds`,
    ),
  ];
}

/** The Secret that those of somebody else are fetched with goes. */
function findArtifactSecret(input: Input): OpenPoint[] {
  const { old, now } = input;
  if (!old || !now || now.unread !== undefined) return [];
  const [had, has] = [old, now].map((one) => one.spec.distribution?.artifactPullSecret);
  const artifact = String(now.spec.distribution?.artifact ?? "");
  if (!had || has || artifact === "" || OWN_ARTIFACT.test(artifact)) return [];
  const what = `names no Secret from then on to fetch the manifests of Flux with, and ${artifact} may want one`;
  return [pointAt(input, ["distribution"], what, `look whether ${artifact} can be fetched without logging in`)];
}

/** Manifests of an operator that was released before the Flux that is asked for, or that runs. */
function findOlder({ old, now }: Input, tag: string): string | undefined {
  const asked = now?.spec.distribution;
  const text = String(asked?.version ?? "");
  const wanted = resolveDistribution(asked);
  if (!wanted || !parseFluxVersion(tag)) return undefined;
  const held = readHeld(asked);
  const running = old && resolveDistribution(old.spec.distribution);
  const isExact = readExact(text) !== undefined;
  const says = `has the manifests of Flux fetched from those of operator ${tag}, which ${held ? `hold Flux up to ${formatFluxVersion(held)}` : "are older than all that are known"}`;
  if (!canRun(tag, wanted)) return `${says}, while ${text || "the newest"} is ${formatFluxVersion(wanted)}`;
  // The operator refuses a lower minor than the one that it applied last.
  const isBack = !isExact && held && running && held.major === running.major && held.minor < running.minor;
  return isBack ? `${says}, while ${formatFluxVersion(running)} may run today` : undefined;
}

const DOMAIN = "cluster.local";

/** The controllers fetch artifacts by a name in the domain of the cluster (`--storage-adv-addr`). */
function findDomain(input: Input): OpenPoint[] {
  const [was, is] = [input.old, input.now].map((one) => String(one?.spec.cluster?.domain ?? DOMAIN));
  if (!input.old || !input.now || is === was || `${is}${was}`.includes("${")) return [];
  const what = `has the controllers find each other in the domain ${is} instead of ${was}; where the cluster has another one, Flux applies nothing more`;
  return [pointAt(input, ["cluster", "domain"], what, "look at the search line of /etc/resolv.conf in any pod")];
}

/** Parts of which each field decides what Flux is, and what it reads. */
const DECIDING = ["distribution", "sync"];

/** Fields that come to hold, or give up, a variable for which nothing that can be seen here has a value; the path tells the cluster itself. */
function findVariables(input: Input): OpenPoint[] {
  const { old, now } = input;
  if (!old || !now) return [];
  const fields = DECIDING.flatMap((part) =>
    Object.keys({ ...old.spec[part], ...now.spec[part] }).map((field) => [part, field] as const),
  );
  return [...fields, ["cluster", "domain"] as const].flatMap(([part, field]) => {
    const [was, is] = [old, now].map(({ spec }): unknown => spec[part]?.[field]);
    const isOpen = [was, is].some((one) => typeof one === "string" && one.includes("${"));
    if (!isOpen || is === was || field === "path") return [];
    const place = `${is === undefined ? "no value" : is} as its ${part}.${field}`;
    const what = String(is).includes("${")
      ? `has ${place}, and what stands for the variable cannot be read here`
      : `has ${place} instead of ${was}, and what stands for that today cannot be read here`;
    return [pointAt(input, [part, field], what, "compare it with what kubectl get fluxinstance flux -o yaml says")];
  });
}
