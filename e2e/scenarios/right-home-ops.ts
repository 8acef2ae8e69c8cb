import { startHomeOps } from "./home-ops.ts";
import { defineScenario } from "./scenario.ts";

export const homeOpsAdopt = defineScenario({
  id: "home-ops-adopt",
  layout: "home-ops",
  right: true,
  what: "The three phases with `--sync adopt`, where source, root and namespace have three names.",
  async run(world) {
    await startHomeOps(world);
    await world.phase("install");
    for (const finding of world.preflight("cutover")) world.log(`  ${finding}`);
    await world.phase("cutover");
    await world.phase("cleanup");
  },
});
