import { resolve } from "node:path";
import { clip } from "../../contract/cut.ts";
import { type RepoError, UsageError } from "../../contract/errors.ts";
import { shown, visible } from "../../contract/visible.ts";
import type { VerifiedChange, VerifyInput, VerifyReport } from "../../safety/verify.ts";
import type { Outcome } from "../exit.ts";
import { type Flags, VERIFY_FORMATS } from "../flags.ts";
import { checkFolders } from "../folders.ts";
import type { Io } from "../io.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { fromTop } from "./from-top.ts";
import { leaveOutOfReport } from "./leave-out.ts";
import { tellOpenWrite, warnOfOpenWrite } from "./session.ts";
import { checkEnding, deliver, formatOf, textOptions } from "./show.ts";

/** `fluxlift verify`: what merging a change would make Flux do, from git objects alone. */
export async function runVerify(session: Session, flags: Flags, dir?: string): Promise<Outcome> {
  const { publish } = flags;
  if (publish === undefined) return judge(session, flags, dir);
  if (flags.staged || flags.head === "WORKTREE") {
    const hint = "Leave --publish out, or judge a commit.";
    throw new UsageError("nothing-to-publish", "--publish tells about a commit, and nothing is committed yet.", hint);
  }
  try {
    return await judge(session, flags, dir);
  } catch (error) {
    await (await import("./publish.ts")).tellFailure(session.io, publish, error);
    throw error;
  }
}

async function judge(session: Session, flags: Flags, dir: string | undefined): Promise<Outcome> {
  const { io, timer } = session;
  const { base, head, uncommitted } = readEnds(flags);
  const [{ isPassed, verifyChange }, { renderVerify }, { prefixOf, readRemotes, topAbove }] = await Promise.all([
    import("../../safety/verify.ts"),
    import("../../report/verify.ts"),
    import("../../files/revision.ts"),
  ]);
  timer.mark("modules");
  checkFolders(flags);
  checkEnding(flags, VERIFY_FORMATS);
  const { artifactPath, accept = [], acceptTrailers = false, root: roots = [], helm } = flags;
  const render =
    helm === undefined ? {} : { render: (await import("../../files/helm.ts")).openHelm(resolve(io.cwd, helm)) };
  const settings = { accept, acceptTrailers, roots, ...(artifactPath && { artifactPath }), ...render };
  const { reportChanged, settingsOf, findInBase } = await import("../../config/verify-settings.ts");
  const open = uncommitted === "worktree" ? await findOpenWrite(resolve(io.cwd, dir ?? ".")) : undefined;
  warnOfOpenWrite(io, open);
  const compare = (folder: string) => {
    let read = flags.settled?.read;
    const configure: NonNullable<VerifyInput["configure"]> = ({ tree, commit }, changed) => {
      read ??= findInBase(folder, tree, commit);
      return { ...settingsOf(read), findings: reportChanged(changed, base) };
    };
    const remotes = readRemotes(folder);
    const made = verifyChange({ dir: folder, base, head, uncommitted, remotes, configure, ...settings });
    return { made, read, prefix: prefixOf(folder) };
  };
  const { made, read, prefix } = await withProgress(
    io,
    shown`comparing ${visible(clip(base, 30))} with ${visible(clip(head, 30))}`,
    () => {
      const here = compare(resolve(io.cwd, dir ?? "."));
      // Paths of Flux start at the top, and what lies beside a folder may hang on it.
      const isNamed = dir !== undefined && resolve(io.cwd, dir) !== resolve(io.cwd);
      const top = isNamed || here.made.report.clusters.length > 0 ? undefined : topAbove(io.cwd);
      if (top === undefined) return here;
      io.err(shown`Reading the whole repository, from ${visible(top)}.\n`);
      return compare(top);
    },
  );
  const verified = { ...made, report: await tellOpenWrite(await leaveOutOfReport(io, made.report, read), open) };
  timer.mark("verify");
  const format = flags.format ?? formatOf(flags.output ?? "") ?? "text";
  const { report } = verified;
  // A code host looks for the files of a report from the top, whichever folder was looked at.
  const hosted = { ...report, findings: report.findings.map((one) => fromTop(one, prefix)) };
  const text =
    format === "html"
      ? await (await import("../../report/html/index.ts")).renderVerifyHtml(verified)
      : renderVerify(format === "sarif" ? hosted : report, format, textOptions(io, flags));
  const passes = report.verdict === "unproven" && read?.config.verify?.unproven === "pass";
  const outcome = passes || isPassed(report.verdict) ? "done" : "blocked";
  deliver(io, flags, text);
  if (flags.reports !== undefined) await keepReports(io, flags, verified, hosted);
  if (flags.publish !== undefined) {
    const [{ tellPullRequest }, { publishable }] = await Promise.all([
      import("./publish.ts"),
      import("../../publish/verify.ts"),
    ]);
    await tellPullRequest(io, flags.publish, report.head.commit, (commit) =>
      publishable(report, outcome === "done", commit, hosted.findings),
    );
  }
  timer.mark("report");
  return outcome;
}

async function findOpenWrite(dir: string): Promise<RepoError | undefined> {
  return (await import("../../files/undo.ts")).findOpenWriteAround(dir);
}

/** @param hosted the report with paths as a code host looks for them */
async function keepReports(io: Io, flags: Flags, verified: VerifiedChange, hosted: VerifyReport): Promise<void> {
  const [{ writeReports }, { renderVerify }, { printCodeQuality }, { renderVerifyHtml }] = await Promise.all([
    import("./reports.ts"),
    import("../../report/verify.ts"),
    import("../../report/code-quality.ts"),
    import("../../report/html/index.ts"),
  ]);
  const { report } = verified;
  const render = (format: string) => () => renderVerify(report, format, textOptions(io, flags));
  await writeReports(io, flags, {
    "report.json": render("json"),
    "report.md": render("markdown"),
    "fluxlift.sarif": () => renderVerify(hosted, "sarif", textOptions(io, flags)),
    "code-quality.json": () => printCodeQuality(hosted.findings),
    "report.html": () => renderVerifyHtml(verified),
  });
}

/** What is compared. @throws UsageError where flags contradict each other, or there is no base. */
function readEnds({ base, head, staged }: Flags): { base: string; head: string; uncommitted?: "worktree" | "index" } {
  if (staged && head !== undefined) {
    const hint = "Leave --head out: --staged judges what the next git commit takes.";
    throw new UsageError("two-heads", "--staged and --head name two changes.", hint);
  }
  // What is not committed yet is most often asked about before a commit on the branch that is checked out.
  if (staged) return { base: base ?? "HEAD", head: "INDEX", uncommitted: "index" };
  if (head === "WORKTREE") return { base: base ?? "HEAD", head, uncommitted: "worktree" };
  if (base) return { base, head: head ?? "HEAD" };
  const hint = "Name what the change is merged into: --base origin/main; or --head WORKTREE, or --staged.";
  throw new UsageError("no-base", "verify needs --base REV.", hint);
}
