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
