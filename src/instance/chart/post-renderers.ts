import type { Cluster } from "../../cluster/types.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import { itemsOf, type KubeObject } from "../../contract/objects.ts";
import { locateField } from "../../delivery/locations.ts";
import { readPatchList } from "../../delivery/patch-list.ts";
import type { Tree } from "../../files/tree.ts";
import { nearestFlux } from "../../release/releases.ts";
import { portPatches } from "../patches/port.ts";
import type { Passage, PortResult, Versions } from "../types.ts";

/** What helm-controller patches over the chart once it is rendered, as patches of a FluxInstance; undefined where it does not. */
export function portPostRenderers(
  tree: Tree,
  { namespace }: Cluster,
  release: KubeObject,
  { version }: Pick<Versions, "version">,
  components: readonly string[],
  passage: Passage,
): PortResult | undefined {
  const renderers = itemsOf(release.data.spec?.postRenderers);
  if (renderers.length === 0) return undefined;
  const patches = renderers.flatMap((_, index) =>
    readPatchList(tree, release, ["spec", "postRenderers", index, "kustomize", "patches"]),
  );
  const result = portPatches({
    ...passage,
    patches,
    style: "community-chart",
    suffix: "",
    fluxVersion: version,
    ...given({ targetVersion: nearestFlux(version) }),
    components,
    namespace,
    readText: (path) => tree.read(path),
  });
  return { ...result, findings: [...reportOthers(tree, release), ...result.findings] };
}

/** Whatever else a renderer does is said by no patch of its own. */
function reportOthers(tree: Tree, release: KubeObject): DraftFinding[] {
  return itemsOf(release.data.spec?.postRenderers).flatMap((renderer, index) => {
    const kustomize = Object.keys(renderer.kustomize ?? {}).map((field) => ["kustomize", field]);
    const others = Object.keys(renderer).filter((field) => field !== "kustomize");
    const left = [...kustomize.filter(([, field]) => field !== "patches"), ...others.map((field) => [field])];
    return left.map((path): DraftFinding => {
      const at = locateField(tree, release, ["spec", "postRenderers", index, ...path]);
      return {
        rule: "chart-value-lost",
        level: "blocker",
        at,
        facts: { value: ["postRenderers", ...path].join("."), ...WAY },
      };
    });
  });
}

const WAY = {
  why: "helm-controller runs it over what the chart renders, and nothing of the kind runs over what the operator applies.",
  next: "Say it as values of the chart (an image: …Controller.image) or as patches of the post-renderer, let Flux reconcile it, and run fluxlift again.",
} as const;
