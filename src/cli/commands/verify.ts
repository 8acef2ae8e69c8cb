import { extname, resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { saveText } from "./show.ts";

/** `fluxlift verify`: what merging a change would make Flux do, from git objects alone. */
export async function runVerify(session: Session, dir: string | undefined, flags: Flags): Promise<Outcome> {
  const { io, timer } = session;
  if (!flags.base) {
    throw new UsageError(
      "no-base",
      "verify needs --base REV.",
      "Name what the change is merged into: --base origin/main",
    );
  }
  const [{ verifyChange }, render, { readRemotes }] = await Promise.all([
    import("../../safety/verify.ts"),
    import("../../report/verify.ts"),
    import("../../files/compare.ts"),
  ]);
  timer.mark("modules");
  const root = resolve(io.cwd, dir ?? ".");
  const { base, head = "HEAD", artifactPath, accept = [] } = flags;
  const report = withProgress(io, "verifying", () =>
    verifyChange({
      dir: root,
      base,
      head,
      remotes: readRemotes(root),
      accept,
      ...(artifactPath ? { artifactPath } : {}),
    }),
  );
  timer.mark("verify");
  const verbose = flags.verbose ?? false;
  const format = flags.format ?? formatOf(flags.output);
  const colour = flags.output === undefined && io.colourOut;
  const text =
    format === "json"
      ? render.renderVerifyJson(report)
      : format === "markdown"
        ? render.renderVerifyMarkdown(report)
        : format === "sarif"
          ? render.renderVerifySarif(report)
          : render.renderVerifyText(report, { colour, width: io.width, verbose });
  if (flags.output === undefined) io.out(text);
  else saveText(io, flags.output, text);
  timer.mark("report");
  return report.verdict === "safe" || report.verdict === "deletes" ? "done" : "blocked";
}

function formatOf(output: string | undefined): string {
  const extension = extname(output ?? "").toLowerCase();
  return { ".json": "json", ".md": "markdown", ".sarif": "sarif" }[extension] ?? "text";
}
