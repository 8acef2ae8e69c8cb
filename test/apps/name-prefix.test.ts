import { expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";
import { APPS, homeOps, run } from "../traps/support.ts";

test("a prefix that all names have is not said twice", () => {
  const named = Object.entries(homeOps()).map(([path, text]) => [
    path,
    path.endsWith("/ks.yaml") ? text.replace(/\n {2}name: (\w+)\n/, "\n  name: flux-$1\n") : text,
  ]);
  const { files } = run(Object.fromEntries(named));
  expect(files[`${APPS}/flux-operator/ks.yaml`]).toContain("\n  name: flux-operator\n");
  expect(files[`${APPS}/flux-instance/ks.yaml`]).toContain("    - name: flux-operator\n");
});
test("the folder of the cluster is no app: infrastructure-production in production/infrastructure.yaml has no prefix", () => {
  const app = APP.replace("name: apps", "name: infrastructure-production");
  const start = { ...makeFluxSystem("clusters/production"), "clusters/production/infrastructure.yaml": app };
  const { files } = runPhase({ ...start, "apps/settings.yaml": CONFIG }, "install");
  expect(files["clusters/production/flux-system/flux-operator.yaml"]).toContain("\n  name: flux-operator\n");
});

test.each([`${APPS}/addons`, "kubernetes/apps/default/echo"])(
  "the folder of one app alone, %s, is no convention",
  (own) => {
    const renamed = Object.entries(homeOps()).map(([path, text]) => [
      path.replace(`${own}/app/`, `${own}/alerts/`),
      text.replace(`${own}/app`, `${own}/alerts`),
    ]);
    const { files } = run(Object.fromEntries(renamed));
    const made = Object.keys(files).filter((path) => path.startsWith(`${APPS}/flux-operator/`));
    expect(made).toContain(`${APPS}/flux-operator/app/helmrelease.yaml`);
  },
);
