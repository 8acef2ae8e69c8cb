import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const DIR = "clusters/home";
const QUOTA =
  "apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: ours\n  namespace: flux-system\nspec:\n  hard:\n";

function install(quota: string) {
  const list = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n- quota.yaml\n";
  const files = makeFluxSystem(DIR, { kustomization: kustomization(list) });
  const { findings } = runPhase({ ...files, [`${DIR}/flux-system/quota.yaml`]: quota }, "install");
  return findings.filter(({ rule }) => rule === "operator-over-quota");
}

test.each([
  ["pods", "4"],
  ["count/pods", '"4"'],
  ["count/deployments.apps", '"4"'],
  ["services", "3"],
  ["requests.cpu", "400m"],
  ["memory", "300Mi"],
  ["limits.cpu", '"4"'],
  ["limits.memory", "4.5Gi"],
])("a quota of %s that only the controllers keep to is said before the operator comes: %s", (resource, limit) => {
  const [found, ...rest] = install(`${QUOTA}    secrets: "9"\n    ${resource}: ${limit}\n`);
  expect(`${found?.level} ${found?.what}`).toBe(
    `caution ResourceQuota flux-system/ours takes ${resource} up to ${limit.replaceAll('"', "")}, and with the operator beside the controllers it is more.`,
  );
  expect(found?.at).toMatchObject({ file: `${DIR}/flux-system/quota.yaml`, line: 9 });
  expect(rest).toEqual([]);
});

test.each([
  ["with room for it", `${QUOTA}    pods: 5\n    requests.cpu: 450m\n    limits.cpu: "6"\n    limits.memory: 5Gi\n`],
  ["that not even the controllers keep to", `${QUOTA}    pods: 3\n`],
  ["for some pods", `${QUOTA}    pods: 4\n  scopes: [BestEffort]\n`],
  ["of another namespace", `${QUOTA}    pods: 4\n`.replace("namespace: flux-system", "namespace: apps")],
  ["of something else", `${QUOTA}    count/jobs.batch: 0\n    pods: "x"\n`],
])("nothing is said of one %s", (_title, quota) => expect(install(quota)).toEqual([]));

const RANGE =
  "apiVersion: v1\nkind: LimitRange\nmetadata:\n  name: ours\n  namespace: flux-system\nspec:\n  limits:\n  - type: ";

test.each([
  ["Container", "max: {cpu: 1}", "takes of cpu limits up to 1, and the pod of the operator has 2000m"],
  ["Pod", "max: {cpu: 4, memory: 512Mi}", "takes of memory limits up to 512Mi, and the pod of the operator has 1Gi"],
  ["Container", "min: {memory: 128Mi}", "takes of memory requests from 128Mi, and the pod of the operator has 64Mi"],
  [
    "Container",
    "maxLimitRequestRatio: {cpu: 10}",
    "takes of cpu limits up to 10 times the request, and the pod of the operator has 20 times the request",
  ],
])("a LimitRange that does not take its pod is said as well: %s %s", (type, bound, says) => {
  const [found, ...rest] = install(`${RANGE}${type}\n    ${bound}\n`);
  expect(found?.what).toBe(`LimitRange flux-system/ours ${says}.`);
  expect(found?.at).toMatchObject({ file: `${DIR}/flux-system/quota.yaml`, line: 9 });
  expect(rest).toEqual([]);
});

test.each([
  ["with room for it", "Container\n    max: {cpu: 2, memory: 1Gi}\n    min: {cpu: 100m, memory: 64Mi}\n"],
  ["of claims", "PersistentVolumeClaim\n    max: {storage: 1Gi}\n"],
  ["that fills in what is not said", "Container\n    default: {cpu: 1}\n    maxLimitRequestRatio: {cpu: 20}\n"],
])("nothing is said of a LimitRange %s", (_title, limits) => expect(install(`${RANGE}${limits}`)).toEqual([]));
