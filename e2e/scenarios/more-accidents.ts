import { APP, CHESS, CHESS_APP, chess, claim, GAMES, house, K, MEDIA } from "../../bench/beside/house.ts";
import { ks, kustomization, object } from "../../test/verify/home-tree.ts";
import type { Accident } from "./accident.ts";
import { chartSource, helmRelease } from "./pieces.ts";

/** An accident that the table of docs/verify.md does not have. */
export interface NamedAccident extends Accident {
  id: string;
  flux: string;
}

const PG = `${K}/apps/media/pg`;
const CHESS_LIST = `${CHESS_APP}/kustomization.yaml`;
const KS = "Kustomization flux-system/player";
const CHESS_KS = "Kustomization flux-system/chess";

/** More of the classes i, k, l and m, for what only a live cluster tells. */
export const MORE: NamedAccident[] = [
  {
    id: "verify-i-renamed",
    change: "a claim gets another name",
    flux: "The claim of the old name is pruned with its data, and an empty one is made.",
    harm: ["PersistentVolumeClaim media/player"],
    edits: { [`${APP}/pvc.yaml`]: claim("films") },
  },
  {
    id: "verify-i-operator",
    change: "the release of a database operator is taken out while a database stays",
    flux: "The chart holds the definitions as templates: Helm deletes them, and every database with them.",
    harm: ["HelmRelease media/cloudnative-pg", "Cluster games/scores", CHESS_KS],
    tree: {
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "pg/ks.yaml"]),
      [`${PG}/ks.yaml`]: ks("pg", `${PG}/app`, ["targetNamespace: media"]),
      [`${PG}/app/release.yaml`]: `---\n${chartSource("cloudnative-pg").replace("charts/app", "charts/cloudnative-pg")}---\n${helmRelease("cloudnative-pg")}`,
      [CHESS]: chess("retryInterval: 5s"),
      [CHESS_LIST]: kustomization(["helmrelease.yaml", "scores.yaml"]),
      [`${CHESS_APP}/scores.yaml`]: object("Cluster", "scores", "postgresql.cnpg.io/v1", ["spec: {instances: 1}"]),
    },
    edits: {
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml"]),
      [`${PG}/ks.yaml`]: undefined,
      [`${PG}/app/release.yaml`]: undefined,
    },
  },
  {
    id: "verify-i-moved",
    change: "a release gets a `kubeConfig` and so goes to another cluster",
    flux: "What it installed stays in the old cluster with nobody to look after it; the new one begins without the data.",
    harm: ["HelmRelease media/player"],
    second: true,
    edits: {
      [`${APP}/helmrelease.yaml`]: `${house()[`${APP}/helmrelease.yaml`]}  kubeConfig: {secretRef: {name: second}}\n`,
    },
    async changed({ clusters }) {
      const found = clusters.map(({ plane }) => plane.kube.get("Deployment", "media", "player"));
      return (await Promise.all(found)).every((one) => one !== undefined) ? ["HelmRelease media/player"] : [];
    },
  },
  {
    id: "verify-k-moved",
    change: "a claim is moved to a new app that has a letter too few in its `path`",
    flux: "The claim leaves the app that had it, and nothing applies it again.",
    harm: ["PersistentVolumeClaim games/saves", "Kustomization flux-system/saves"],
    tree: {
      [CHESS_LIST]: kustomization(["helmrelease.yaml", "saves.yaml"]),
      [`${CHESS_APP}/saves.yaml`]: claim("saves"),
    },
    edits: {
      [CHESS_LIST]: kustomization(["helmrelease.yaml"]),
      [`${CHESS_APP}/saves.yaml`]: undefined,
      [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "saves/ks.yaml"]),
      [`${K}/apps/games/saves/ks.yaml`]: ks("saves", `${K}/apps/games/save/app`, ["targetNamespace: games"]),
      [`${K}/apps/games/saves/app/saves.yaml`]: claim("saves"),
    },
  },
  {
    id: "verify-l-misspelt",
    change: "an app depends on a misspelt one",
    flux: "It waits for ever.",
    harm: [CHESS_KS],
    edits: { [CHESS]: chess("dependsOn: [{name: playr}]") },
  },
  {
    id: "verify-m-namespace",
    change: "a new app goes to a misspelt namespace",
    flux: "The API server refuses its objects.",
    harm: ["Kustomization flux-system/radio"],
    edits: {
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "radio/ks.yaml"]),
      [`${K}/apps/media/radio/ks.yaml`]: ks("radio", `${K}/apps/media/radio/app`, ["targetNamespace: meida"]),
      [`${K}/apps/media/radio/app/settings.yaml`]: object("ConfigMap", "radio", "v1", ["data: {a: b}"]),
    },
  },
  {
    id: "verify-m-refused",
    change: "a field of a release is misspelt",
    flux: "The API server refuses it, and nothing of that Kustomization is applied.",
    harm: [KS],
    edits: {
      [`${APP}/helmrelease.yaml`]: house()[`${APP}/helmrelease.yaml`]!.replace("interval: 1h", "intervall: 1h"),
    },
  },
];
