import { expect, test } from "vitest";
import { DELIVERED } from "../../bench/growth/inputs.ts";
import { planExample } from "../hostile/plan-example.ts";

const FAR = "Kustomization default/far";
const far = (path: string) => ({
  [DELIVERED]: `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: far
spec:
  interval: 1h
  path: ${path}
  prune: true
  sourceRef:
    kind: GitRepository
    name: home-ops
    namespace: flux-system
`,
});

/** What is said of acceptances, and what of a plan is still open. */
function said(path: string, accept: readonly string[]) {
  const { findings, phases } = planExample(far(path), "all", accept);
  const open = phases.flatMap(({ clusters }) => clusters.flatMap((cluster) => cluster.findings));
  return {
    idle: findings.filter(({ rule }) => rule === "acceptance-idle").map(({ what }) => what),
    open: open.filter(({ rule, level }) => rule === "safety-unknown" && level !== "info").map((one) => one.resource),
  };
}

test("a plan says that an acceptance fits nothing where something is still open", () => {
  expect(said("./nowhere", [])).toEqual({ idle: [], open: [FAR] });
  expect(said("./nowhere", [FAR])).toEqual({ idle: [], open: [] });
  const typo = said("./nowhere", [FAR, "Kustomization default/fra"]);
  expect(typo).toEqual({ idle: [], open: [] });
  expect(said("./nowhere", ["Kustomization default/fra"])).toEqual({
    idle: [expect.stringMatching(/^--accept accepts 'Kustomization default\/fra', and nothing of that name/)],
    open: [FAR],
  });
});

test("the same flags for every phase are no typo", () => {
  expect(said("./kubernetes/apps/default/echo/app", [FAR])).toEqual({ idle: [], open: [] });
});
