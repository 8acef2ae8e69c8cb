import type { World } from "../world/world.ts";
import { startGotk } from "./gotk.ts";
import { configMap, fluxKustomization } from "./pieces.ts";
import { defineScenario } from "./scenario.ts";

const app = (name: string) => ({
  [`clusters/main/${name}.yaml`]: fluxKustomization({ name, path: `./apps/${name}` }),
  [`apps/${name}/${name}.yaml`]: configMap(name, { a: "b" }, "web"),
});

const isThere = async (world: World, name: string) => (await world.live("ConfigMap", "web", name)) !== undefined;
const say = (stays: boolean) => (stays ? "its ConfigMap stayed" : "its ConfigMap was deleted");

export const ignoredFolders = defineScenario({
  id: "fact-ignored-folders",
  layout: "gotk",
  kind: "fact",
  what: "A `.sourceignore` takes away what is in a folder, or the folder itself.",
  async run(world) {
    await startGotk(world, { extra: { ...app("emptied"), ...app("absent") } });
    await world.change(
      "ignore one folder, and all that is in another",
      () => world.write({ ".sourceignore": "/apps/emptied/*\n/apps/absent/\n" }),
      { expectNotReady: /absent/ },
    );
    const [emptied, absent] = [await isThere(world, "emptied"), await isThere(world, "absent")];
    world.fact(
      "2.8 item 4, an ignored content",
      "A folder of which a source leaves out each file is empty in the artifact, and all that came from it is pruned.",
      !emptied,
      say(emptied),
    );
    world.fact(
      "2.8 item 4, an ignored folder",
      "A folder that a source leaves out itself is not in the artifact, and nothing is pruned.",
      absent,
      say(absent),
    );
  },
});
