import type { DraftFinding } from "../../engine/transform.ts";
import type { Loc } from "../../errors.ts";
import type { Claim } from "../types.ts";
import type { LazyDocument } from "./documents.ts";

/** The image of a controller: `ghcr.io/fluxcd/source-controller:v1.5.0`. */
export interface ImageReference {
  component: string;
  /** `ghcr.io/fluxcd`. */
  registry: string;
  tag?: string;
  digest?: string;
  at: Loc;
}

/** What bootstrap writes when `--registry` is not given. */
export const DEFAULT_REGISTRY = "ghcr.io/fluxcd";

/** Registries whose images the operator pins by digest without a `variant` (flux-semantics 1.4). */
const KNOWN_REGISTRIES = new Set([
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
  const line = document.line + document.text.slice(0, found.index).split("\n").length;
  return {
    component: document.name,
    registry: registry!,
    ...(tag ? { tag } : {}),
    ...(digest ? { digest } : {}),
    at: { file: document.file, line, col: 1 },
  };
}

/** The registry all controllers share, when it is not bootstrap's default, and what is odd about it. */
export function readRegistry(images: readonly ImageReference[]): {
  registry?: Claim<string>;
  findings: DraftFinding[];
} {
  const registries = [...new Set(images.map(({ registry }) => registry))];
  const first = images[0];
  if (!first || (registries.length === 1 && registries[0] === DEFAULT_REGISTRY)) return { findings: [] };
  if (registries.length > 1) {
    const other = images.find(({ registry }) => registry !== first.registry)!;
    return {
      findings: [
        {
          rule: "gotk-registry-mixed",
          level: "blocker",
          at: other.at,
          what: `The controllers come from several registries (${registries.join(", ")}); a FluxInstance has one.`,
          why: "Pulling from another registry than today can fail behind a firewall or without the pull secret.",
          next: "Bring all controllers to one registry, commit, and run fluxlift again.",
        },
      ],
    };
  }
  const claim = { value: first.registry, at: first.at };
  const findings = KNOWN_REGISTRIES.has(first.registry) ? [] : [unknownRegistry(claim)];
  if (!first.registry.startsWith("ghcr.io/")) findings.push(operatorElsewhere(claim));
  return { registry: claim, findings };
}

/** Who pulls the controllers from a registry of their own often has to: then the operator is out of reach as well. */
function operatorElsewhere({ value, at }: Claim<string>): DraftFinding {
  return {
    rule: "registry-operator-elsewhere",
    level: "caution",
    at,
    what: `The controllers stay on ${value}, while the operator's charts, its image and its manifests are pulled from ghcr.io/controlplaneio-fluxcd.`,
    why: "Where this cluster cannot reach ghcr.io, the operator never starts, or cannot fetch its manifests and reconciles nothing (trap 18). The old install keeps running until cutover.",
    next: "Nothing to do if ghcr.io answers from the cluster. Else mirror all three, and name the mirror after migrate: the url of both chart sources, image.repository in the values of flux-operator, and instance.distribution.artifact (or leave it empty, for the manifests in the operator's image).",
  };
}

function unknownRegistry({ value, at }: Claim<string>): DraftFinding {
  return {
    rule: "registry-without-variant",
    level: "caution",
    at,
    what: `The operator will pull the controllers from ${value} by the tags of the release, without digests, and log an error about it.`,
    why: "It pins digests only for registries it knows, or with distribution.variant (trap 29).",
    next: "If this is an unchanged mirror of ghcr.io/fluxcd, set distribution.variant: upstream-alpine. Check that <registry>/<component> exists for every component.",
  };
}

/** Digests stay behind: the operator writes those of the release it installs, or none (flux-semantics 1.4). */
export function checkDigests(images: readonly ImageReference[]): DraftFinding[] {
  const pinned = images.filter(({ digest }) => digest !== undefined);
  const first = pinned[0];
  if (!first) return [];
  const own = KNOWN_REGISTRIES.has(first.registry);
  return [
    {
      rule: "gotk-image-pinned",
      level: "info",
      at: first.at,
      what: `${pinned.map(({ component }) => component).join(", ")} ${pinned.length === 1 ? "is" : "are"} pinned by digest here; ${own ? "the operator pins the digests of the release it installs" : `from ${first.registry} the operator pulls by tag`}.`,
      why: "A digest holds for one release only, and the operator takes every patch release of the line.",
      next: own
        ? "Nothing to do, unless the image is one you built."
        : "Nothing to do, or keep a digest with an instance patch on the image.",
    },
  ];
}
