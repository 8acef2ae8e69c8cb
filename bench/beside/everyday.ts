import { ks, kustomization } from "../../test/verify/home-tree.ts";
import {
  APP,
  type Case,
  CHESS,
  CHESS_APP,
  chess,
  claim,
  GAMES,
  house,
  K,
  MEDIA,
  PLAYER,
  player,
  release,
} from "./house.ts";

const NEW = `${K}/apps/media/video/player`;

/** Changes of every day that harm nothing, and one app that is taken out on purpose. */
export const EVERYDAY: Case[] = [
  {
    class: "everyday",
    change: "a new image tag, as Renovate writes it",
    flux: "The release is upgraded.",
    harm: [],
    edits: { [`${APP}/helmrelease.yaml`]: release("player", "{host: player.example.invalid, image: 'nginx:1.27.1'}") },
    konflate: [],
  },
  {
    class: "everyday",
    change: "the folder of an app moves, its objects stay as they are",
    flux: "Nothing changes in the cluster.",
    harm: [],
    edits: {
      [MEDIA]: kustomization(["namespace.yaml", "video/player/ks.yaml"]),
      ...Object.fromEntries(
        [PLAYER, `${APP}/kustomization.yaml`, `${APP}/helmrelease.yaml`, `${APP}/pvc.yaml`].flatMap((path) => [
          [path, undefined],
          [path.replace("media/player", "media/video/player"), house()[path]],
        ]),
      ),
      [`${NEW}/ks.yaml`]: ks("player", `${NEW}/app`, ["targetNamespace: media"]),
    },
    konflate: [],
  },
  {
    class: "everyday",
    change: "an app is added",
    flux: "Its objects are made.",
    harm: [],
    edits: {
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "radio/ks.yaml"]),
      [`${K}/apps/media/radio/ks.yaml`]: ks("radio", `${K}/apps/media/radio/app`, ["targetNamespace: media"]),
      [`${K}/apps/media/radio/app/claim.yaml`]: claim("radio"),
      [`${K}/apps/media/radio/app/helmrelease.yaml`]: release("radio", "{host: radio.example.invalid}"),
    },
    konflate: [],
  },
  {
    class: "everyday",
    change: "another interval in every file, and a README",
    flux: "Nothing changes but how often Flux looks.",
    harm: [],
    edits: {
      [PLAYER]: player().replace("30m", "1h"),
      [CHESS]: chess().replace("30m", "1h"),
      [`${APP}/helmrelease.yaml`]: release("player", "{host: player.example.invalid}", "home", "2h"),
      [`${CHESS_APP}/helmrelease.yaml`]: release("chess", "{persistence: {enabled: false}}", "home", "2h"),
      "README.md": "A home.\n",
    },
    konflate: [],
  },
  {
    class: "everyday",
    change: "a key of a generated ConfigMap changes, and so its hash",
    flux: "The new one is made before the old one goes.",
    harm: [],
    tree: {
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(
        ["helmrelease.yaml"],
        ["configMapGenerator: [{name: chess-settings, literals: [level=1]}]"],
      ),
    },
    edits: {
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(
        ["helmrelease.yaml"],
        ["configMapGenerator: [{name: chess-settings, literals: [level=2]}]"],
      ),
    },
    konflate: [],
  },
  {
    class: "everyday",
    change: "an app is taken out on purpose, with all its files",
    flux: "It is deleted, as meant.",
    harm: ["Kustomization flux-system/chess", "HelmRelease games/chess"],
    edits: {
      [GAMES]: kustomization(["namespace.yaml"]),
      [CHESS]: undefined,
      [`${CHESS_APP}/kustomization.yaml`]: undefined,
      [`${CHESS_APP}/helmrelease.yaml`]: undefined,
      "docs/games.md": "No more chess.\n",
    },
    konflate: [],
  },
];
