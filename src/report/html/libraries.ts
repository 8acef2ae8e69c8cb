import type Dagre from "@dagrejs/dagre";

/** What only a page needs. */
export interface Libraries {
  dagre: typeof Dagre;
}

/** Read when a page is made. The bundle has another loader in place of this file (`scripts/build.mjs`). */
export async function loadLibraries(): Promise<Libraries> {
  return { dagre: (await import("@dagrejs/dagre")).default };
}
