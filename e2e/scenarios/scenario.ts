import type { World } from "../world/world.ts";

export type Layout =
  | "home-ops"
  | "flux-talos"
  | "two-clusters"
  | "gotk"
  | "gotk-foreign-files"
  | "gotk-omitted"
  | "shared-base"
  | "house";

/** `wrong` does on purpose what fluxlift warns of; `fact` settles how the controllers behave; in `luck` the world fails; `oci` goes on to an artifact. */
export type Kind = "right" | "wrong" | "fact" | "luck" | "oci";

export interface Scenario {
  /** Kebab-case, unique. */
  id: string;
  layout: Layout;
  kind: Kind;
  /** One sentence. */
  what: string;
  /** Why alarms of its last step do not come true, where the record alone does not tell. */
  alarms?: string;
  /** Both when absent. */
  generations?: ("old" | "new")[];
  run(world: World): Promise<void>;
}

export const defineScenario = (scenario: Scenario): Scenario => scenario;
