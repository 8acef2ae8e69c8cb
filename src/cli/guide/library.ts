import type * as Clack from "@clack/prompts";

export type Library = Pick<typeof Clack, "isCancel" | "multiselect" | "select" | "text" | "updateSettings">;

/** Read when the guide asks its first question. The bundle has another loader in place of this file (`scripts/build.mjs`). */
export async function loadLibrary(): Promise<Library> {
  return await import("@clack/prompts");
}
