import { join, resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import type { Made } from "../../contract/media.ts";
import { makeFolder } from "../../files/make-folder.ts";
import { refusePlace, writeReport } from "../../files/report-file.ts";
import type { Flags } from "../flags.ts";
import type { Io } from "../io.ts";

/** Files that a job keeps, and other tools read; by name. */
export type ReportFiles = Readonly<Record<string, () => Made | Promise<Made>>>;

/** Writes the files of `--reports`. @throws UsageError where they cannot be written */
export async function writeReports(io: Io, { reports }: Flags, files: ReportFiles): Promise<void> {
  if (reports === undefined) return;
  const folder = resolve(io.cwd, reports);
  try {
    refusePlace(folder);
    makeFolder(folder);
    for (const [name, render] of Object.entries(files)) writeReport(join(folder, name), await render());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof UsageError) throw error;
    throw new UsageError("no-output", `${reports} cannot be written (${code}).`, "Name a folder that can be made.");
  }
}
