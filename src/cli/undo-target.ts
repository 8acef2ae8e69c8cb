import { openJournals } from "../files/journal.ts";
import { findSite } from "../files/site.ts";
import { recover, undo } from "../files/undo.ts";
import { realDisk } from "../files/write-disk.ts";
import type { UndoTarget } from "./engine.ts";

/** What `fluxlift undo` would take back in the repository around `dir`: an interrupted write, else the last one. */
export function findUndo(dir: string): UndoTarget | undefined {
  const open = recover(dir);
  if (open) {
    return {
      label: open.label,
      files: open.files,
      interrupted: true,
      undo: () => open.revert(),
      resume: () => open.resume(),
    };
  }
  const last = openJournals(findSite(dir), realDisk).last();
  if (!last) return undefined;
  return {
    label: last.label,
    files: last.files.map((file) => file.path).sort(),
    interrupted: false,
    undo: () => void undo(dir),
  };
}
