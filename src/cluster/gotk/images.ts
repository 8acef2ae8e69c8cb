import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import { groupBy } from "../../contract/group-by.ts";
import type { Claim } from "../../contract/objects.ts";
import { positionAt } from "../../yaml/lines.ts";
import type { ImageReference, LazyDocument } from "../types.ts";

/** What bootstrap writes when `--registry` is not given. */
export const DEFAULT_REGISTRY = "ghcr.io/fluxcd";

/** Registries whose images the operator pins by digest without a `variant` (flux-facts 1.4). */
export const KNOWN_REGISTRIES: ReadonlySet<string> = new Set([
  "fluxcd",
  "ghcr.io/fluxcd",
  "ghcr.io/controlplaneio-fluxcd/alpine",
  "ghcr.io/controlplaneio-fluxcd/distroless",
  "ghcr.io/controlplaneio-fluxcd/distroless-fips",
]);

/** The image of a controller Deployment, read from its text; undefined when no line names one. */
export function readImage(document: LazyDocument): ImageReference | undefined {
  const found = new RegExp(
    `^[ -]*image: ["']?(\\S+)/${document.name}(?::([\\w.-]+))?(?:@(sha256:[0-9a-f]+))?["']?[ \\t\\r]*$`,
    "m",
  ).exec(document.text);
  if (!found) return undefined;
  const [, registry, tag, digest] = found;
  const line = document.line + positionAt(document.text, found.index).line;
  return {
    component: document.name,
    registry: registry!,
    image: document.name,
    ...given({ tag, digest }),
    at: { file: document.file, line, col: 1 },
  };
}

/** The registry all controllers share, when it is not bootstrap's default, and what is odd about it. */
export function readRegistry(images: readonly ImageReference[]): {
  registry?: Claim<string>;
  findings: DraftFinding[];
} {
  const byRegistry = groupBy(images, ({ registry }) => registry);
  const first = images[0];
  const renamed = images.filter(({ component, image }) => image !== component);
  if (renamed[0]) {
    const { registry, image, at } = renamed[0];
    const facts = { components: renamed.map(({ component }) => component), registry, image };
    return { findings: [{ rule: "gotk-image-renamed", level: "blocker", at, facts }] };
  }
  if (!first || (byRegistry.size === 1 && byRegistry.has(DEFAULT_REGISTRY))) return { findings: [] };
  if (byRegistry.size > 1) {
    const other = images.find(({ registry }) => registry !== first.registry)!;
    const registries = [...byRegistry].map(([registry, of]) => ({
      registry,
      components: of.map(({ component }) => component),
    }));
    return { findings: [{ rule: "gotk-registry-mixed", level: "blocker", at: other.at, facts: { registries } }] };
  }
  const claim = { value: first.registry, at: first.at };
  const findings: DraftFinding[] = [];
  const place = { level: "caution", at: first.at, facts: { registry: first.registry } } as const;
  if (!KNOWN_REGISTRIES.has(first.registry)) findings.push({ rule: "registry-without-variant", ...place });
  // Who pulls the controllers from a registry of their own often has to: then the operator is out of reach as well.
  if (!first.registry.startsWith("ghcr.io/")) findings.push({ rule: "registry-operator-elsewhere", ...place });
  return { registry: claim, findings };
}

/** Digests stay behind: the operator writes those of the release it installs, or none (flux-facts 1.4). */
export function checkDigests(images: readonly ImageReference[]): DraftFinding[] {
  const pinned = images.filter(({ digest }) => digest !== undefined);
  const first = pinned[0];
  if (!first) return [];
  const registry = KNOWN_REGISTRIES.has(first.registry) ? undefined : first.registry;
  const facts = { components: pinned.map(({ component }) => component), registry };
  return [{ rule: "gotk-image-pinned", level: "info", at: first.at, facts }];
}
