import { expect, test } from "vitest";
import { kustomization } from "../home-tree.ts";
import { chartTree, inFlux, REPOS, says } from "./tree.ts";

const NOTIFY = `${REPOS}/notify.yaml`;
const receiver = inFlux("Receiver", "hook", "notification.toolkit.fluxcd.io/v1", [
  "  type: github",
  "  resources: [{kind: HelmRepository, name: spare-charts}]",
]);
const alert = inFlux("Alert", "chat", "notification.toolkit.fluxcd.io/v1beta3", [
  "  eventSources: [{kind: HelmRepository, name: spare-charts}]",
]);

test.each([
  [receiver, "its webhook wakes nothing by that name, and answers with an error"],
  [alert, "it says nothing of that any more"],
])("what a webhook or an alert names and goes costs no more than that", (text, effect) => {
  const tree = {
    ...chartTree(),
    [NOTIFY]: text,
    [`${REPOS}/kustomization.yaml`]: kustomization(["bjw.yaml", "spare.yaml", "notify.yaml"]),
  };
  const { findings } = says(tree, {
    [`${REPOS}/spare.yaml`]: undefined,
    [`${REPOS}/kustomization.yaml`]: kustomization(["bjw.yaml", "notify.yaml"]),
  });
  const broken = findings.filter(({ rule }) => rule === "reference-breaks").map(({ what }) => what);
  expect(broken).toEqual([expect.stringContaining(effect)]);
});
