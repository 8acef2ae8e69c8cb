import { APP, type Case, K, MEDIA } from "../../bench/beside/house.ts";
import { LOST } from "../../bench/beside/lost.ts";
import { STOPPED } from "../../bench/beside/stopped.ts";
import { kustomization } from "../../test/verify/home-tree.ts";
import { poke } from "../cluster/settle.ts";
import { until } from "../world/wait.ts";
import type { World } from "../world/world.ts";
import { type Accident, lay, liveAccident } from "./accident.ts";
import { MORE, type NamedAccident } from "./more-accidents.ts";
import { defineScenario, type Scenario } from "./scenario.ts";

const PLAYER = { metadata: { name: "player", namespace: "flux-system" } };
const CLAIM = "PersistentVolumeClaim media/player";

/** One order of several: the copy applies last, and is taken out again while the first owner sleeps. */
async function takeCopyOut(world: World): Promise<void> {
  const { plane, recorder } = world.clusters[0]!;
  const suspend = (value: boolean) =>
    plane.kube.patch("Kustomization", PLAYER.metadata.namespace, PLAYER.metadata.name, { spec: { suspend: value } });
  await suspend(true);
  await poke(plane.kube, [{ ...PLAYER, kind: "Kustomization", metadata: { ...PLAYER.metadata, name: "radio" } }]);
  await until("the copy owns the claim", 60, async () => recorder.ownerOf(CLAIM) === "flux-system/radio");
  const step = await world.change(
    "take the copy out again",
    () =>
      lay(world, {
        [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml"]),
        [`${K}/apps/media/radio/ks.yaml`]: undefined,
      }),
    { after: async () => void (await suspend(false)) },
  );
  const lost = step.clusters[0]!.losses.map(({ object }) => object);
  world.expect(lost.includes(CLAIM), "the claim goes with the owner that applied last");
}

const RELEASE = `${APP}/helmrelease.yaml`;

/** The chart of before is still there: new values arrive, until source-controller has lost it. */
async function changeValues(world: World): Promise<void> {
  await world.change(
    "change a value of a release whose source is gone",
    () => world.repo.replace(RELEASE, "host: player.example.invalid", "host: other.example.invalid"),
    { expectNotReady: /./ },
  );
  const deployment = await world.live("Deployment", "media", "player");
  const host = deployment?.spec.template.spec.containers[0].env[0].value;
  world.fact(
    "S6.2 a release whose source is gone",
    "A release whose HelmChart has lost its source stays Ready with the chart of before, and takes new values.",
    host === "other.example.invalid",
    `the Deployment has ${host}`,
  );
}

/** What a live cluster needs for a case beyond its files. */
const LIVE: Record<string, Pick<Accident, "root" | "operator" | "changed" | "later">> = {
  "verify-d": { root: "clusters/second" },
  "verify-f": { operator: true },
  "verify-j": { later: changeValues },
  "verify-i": { later: takeCopyOut },
  "verify-o": {
    async changed(world) {
      const script = await world.live("ConfigMap", "media", "script");
      return script?.data?.["run.sh"] === "echo ${HOST}" ? ["ConfigMap media/script"] : [];
    },
  },
};

/** Cases that the bench does not show, with the reason. */
export const NOT_LIVE: Record<string, string> = {
  "verify-h":
    "`wrong-sync-name-changed` and `wrong-sync-removed` of live-proof.md show what the operator does with the instance",
  "verify-n": "it begins with a Flux that is older than both releases of the bench",
  "verify-o-2": "`wrong-decryption-dropped` of live-proof.md shows it with a Secret that is really encrypted",
};

/** Classes that the issue asks for run on both releases of Flux. */
const BOTH = new Set(["b", "d", "e", "f", "i", "j", "k", "m"]);

/** `verify-m`, and `verify-m-2` for the second case of a class. */
const idOf = (one: Case, at: number, all: Case[]): string => {
  const before = all.slice(0, at).filter((other) => other.class === one.class).length;
  return `verify-${one.class}${before > 0 ? `-${before + 1}` : ""}`;
};

const scenario = (one: NamedAccident, both: boolean): Scenario =>
  defineScenario({
    id: one.id,
    layout: "house",
    kind: "wrong",
    what: `${one.change[0]!.toUpperCase()}${one.change.slice(1)}. ${one.flux}`,
    ...(both ? {} : { generations: ["new"] }),
    run: (world) => liveAccident(world, one),
  });

/** The cases of docs/verify.md's table on a live cluster, and some more of their classes. */
export const ACCIDENTS: Scenario[] = [
  ...[...LOST, ...STOPPED]
    .map((one, at, all) => ({ ...one, id: idOf(one, at, all) }))
    .filter(({ id }) => !Object.hasOwn(NOT_LIVE, id))
    .map((one) => scenario({ ...one, ...LIVE[one.id] }, BOTH.has(one.class))),
  ...MORE.map((one) => scenario(one, false)),
];
