import type { World } from "../world/world.ts";

/** The FluxInstance's settings in a home-ops tree that fluxlift migrated. */
export const INSTANCE = "kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml";
/** The same in a gotk tree. */
export const GOTK_INSTANCE = "clusters/main/flux-system/flux-instance/helmrelease.yaml";

/** Runs phases one after the other without merging any, so that all of them land at once. */
export function phasesAtOnce(world: World, phases: string[], args: string[] = []): void {
  for (const phase of phases) {
    const before = world.repo.head();
    const ran = world.fluxlift("migrate", "--phase", phase, ...args, "--yes", "--commit");
    if (world.repo.head() === before) throw new Error(`${phase} wrote nothing: ${ran.stderr.trim().slice(-500)}`);
  }
}

/** Migrates to the end, each phase reconciled. */
export async function migrate(world: World, args: string[] = []): Promise<void> {
  for (const phase of ["install", "cutover", "cleanup"]) {
    if (phase === "install" || world.pending(phase, args)) await world.phase(phase, args);
  }
}

/** Removes a block of YAML: the line that matches and every deeper line below it. */
export function dropBlock(text: string, line: RegExp): string {
  const lines = text.split("\n");
  const at = lines.findIndex((one) => line.test(one));
  if (at < 0) throw new Error(`no line matches ${line}`);
  const indent = /^ */.exec(lines[at]!)![0].length;
  let end = at + 1;
  while (end < lines.length && (lines[end]!.trim() === "" || /^ */.exec(lines[end]!)![0].length > indent)) end++;
  return [...lines.slice(0, at), ...lines.slice(end)].join("\n");
}
