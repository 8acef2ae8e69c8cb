import { resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { deliver, formatOf, textOptions } from "./show.ts";

/** `fluxlift verify`: what merging a change would make Flux do, from git objects alone. */
export async function runVerify(session: Session, flags: Flags, dir = "."): Promise<Outcome> {
  const { io, timer } = session;
  if (!flags.base) {
    const hint = "Name what the change is merged into: --base origin/main";
    throw new UsageError("no-base", "verify needs --base REV.", hint);
  }
  const [{ verifyChange }, { renderVerify }, { readRemotes }] = await Promise.all([
    import("../../safety/verify.ts"),
    import("../../report/verify.ts"),
    import("../../files/revision.ts"),
  ]);
  timer.mark("modules");
  const root = resolve(io.cwd, dir);
  const { base, head = "HEAD", artifactPath, accept = [] } = flags;
  const report = withProgress(io, "verifying", () =>
    verifyChange({ dir: root, base, head, remotes: readRemotes(root), accept, ...(artifactPath && { artifactPath }) }),
  );
  timer.mark("verify");
  const format = flags.format ?? formatOf(flags.output ?? "") ?? "text";
  deliver(io, flags, renderVerify(report, format, textOptions(io, flags)));
  timer.mark("report");
  return report.verdict === "safe" || report.verdict === "deletes" ? "done" : "blocked";
}
