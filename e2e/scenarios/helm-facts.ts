import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaryPath } from "../install/build.ts";
import { HELM } from "../install/components.ts";
import { configMap, objectsOf } from "./pieces.ts";
import { defineScenario } from "./scenario.ts";

export const helmCliFacts = defineScenario({
  id: "fact-helm-cli",
  layout: "gotk",
  kind: "fact",
  what: "The Helm CLI installs a chart with an object that is there already.",
  generations: ["new"],
  async run(world) {
    await world.addCluster();
    const settings = configMap("settings", { of: "kubectl" }, "default");
    await world.apply(objectsOf(settings), undefined, "kubectl");
    const chart = join(world.dir, "chart");
    mkdirSync(join(chart, "templates"), { recursive: true });
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: app\nversion: 1.0.0\n");
    writeFileSync(join(chart, "templates/settings.yaml"), settings.replace("kubectl", "helm"));
    const env = { PATH: process.env.PATH ?? "", HOME: world.dir, KUBECONFIG: world.kubeconfig() };
    const ran = spawnSync(binaryPath(HELM), ["install", "app", chart, "--namespace", "default"], {
      encoding: "utf8",
      timeout: 120_000,
      env,
    });
    const live = await world.live("ConfigMap", "default", "settings");
    const says = `${ran.stderr}${ran.stdout}`.trim().replaceAll(chart, "chart");
    world.fact(
      "trap 58 [X], the Helm CLI",
      "The plain Helm CLI refuses an object that lacks its ownership metadata.",
      ran.status !== 0 && /ownership/.test(says) && live?.data?.of === "kubectl",
      `Helm ${HELM.version}: ${says.slice(0, 260)}`,
    );
  },
});
