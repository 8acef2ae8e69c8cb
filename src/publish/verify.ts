import type { Finding } from "../contract/finding.ts";
import { sayVerify, TITLES } from "../report/verify-headline.ts";
import { renderVerifyMarkdown } from "../report/verify-markdown.ts";
import type { VerifyReport } from "../safety/verify.ts";
import type { Publication } from "./publication.ts";

/**
 * What `verify` found, for a pull request.
 * @param passes whether nothing stops the merge, as the exit code says
 * @param commit the commit of the pull request that was judged
 * @param findings with paths from the top of the repository
 */
export function publishable(
  report: VerifyReport,
  passes: boolean,
  commit: string,
  findings: readonly Finding[] = report.findings,
): Publication {
  return {
    topic: "verify",
    state: passes ? "success" : "failure",
    headline: `${TITLES[report.verdict]}: ${sayVerify(report)}`,
    commit,
    markdown: (bytes) => renderVerifyMarkdown(report, bytes),
    findings,
  };
}
