import { appsOf } from "./apps.ts";
import { automationOf } from "./automation.ts";
import { type Cluster, STYLES } from "./cluster.ts";
import { installOf } from "./install.ts";
import { oddText } from "./odd.ts";
import { type Files, Tree } from "./tree.ts";

/** What a composed tree is made of, for the table. */
export interface Composed {
  files: Files;
  /** `gotk 2.6.4 clusters/main`, one a cluster. */
  clusters: string[];
  features: string[];
}

/**
 * The tree of a seed.
 * @param versions of Flux, one of which it runs
 * @param gotk what `flux install` writes for a version
 */
export function compose(seed: string, versions: readonly string[], gotk: (version: string) => string): Composed {
  const tree = new Tree(seed);
  const { pick } = tree;
  const layout = pick.one(["home", "fleet"] as const);
  const names = pick.one([["main"], ["main"], ["production"], ["home"], ["staging", "production"]]);
  const sameStyle = pick.chance(0.7) ? pick.one(STYLES) : undefined;
  const sameVersion = pick.chance(0.7) ? pick.one(versions) : undefined;
  const below = layout === "fleet" ? pick.one(["clusters", "clusters", "kubernetes/clusters"]) : "kubernetes";
  const alone = names.length === 1 && layout === "home" && pick.chance(0.5);
  const clusters = names.map((name): Cluster => {
    const style = sameStyle ?? pick.one(STYLES);
    const root = layout === "fleet" ? `${below}/${name}` : alone ? "kubernetes/flux" : `kubernetes/${name}/flux`;
    const isLikeBootstrap = style === "gotk" || pick.chance(0.4);
    return {
      name,
      style,
      version: sameVersion ?? pick.one(versions),
      root,
      rootName: isLikeBootstrap ? "flux-system" : pick.one(["cluster", "flux-cluster"]),
      sourceName: isLikeBootstrap ? "flux-system" : pick.one(["home-kubernetes", "fleet", "flux-system"]),
      layout,
    };
  });
  for (const cluster of clusters) {
    const install = installOf(tree, cluster, gotk);
    const apps = appsOf(tree, cluster);
    // Without a kustomization Flux lists the folder by itself.
    if (cluster.layout === "home" ? pick.chance(0.6) : pick.chance(0.3)) tree.list(cluster.root, [...install, ...apps]);
  }
  automationOf(tree, clusters);
  oddText(tree);
  return {
    files: tree.files,
    clusters: clusters.map(({ style, version, root }) => `${style} ${version} ${root}`),
    features: [...new Set(tree.features)],
  };
}
