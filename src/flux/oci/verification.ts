import type { YamlData } from "../types.ts";
import type { OciTarget } from "./target.ts";

/**
 * `spec.verify` for what GitHub Actions signs without a key: the certificate must name a workflow of this repository. The
 * comparison ignores case, because the sync may spell owner and name otherwise than GitHub does.
 */
export function verification({ identity }: Pick<OciTarget, "identity">): YamlData {
  const [host, ...path] = (identity ?? "").split("/");
  const subject = [host, ...path].join("/").replace(/[.+]/g, "\\$&");
  return {
    provider: "cosign",
    matchOIDCIdentity: [
      { issuer: "^https://token\\.actions\\.githubusercontent\\.com$", subject: `(?i)^https://${subject}/.+$` },
    ],
  };
}

/** The instance's patch that makes Flux verify, as text of a list item at indent 0. */
export function verificationPatch(target: OciTarget): string {
  const [{ issuer, subject }] = verification(target).matchOIDCIdentity;
  return [
    "patch: |",
    "  - op: add",
    "    path: /spec/verify",
    "    value:",
    "      provider: cosign",
    "      matchOIDCIdentity:",
    `        - issuer: ${issuer}`,
    `          subject: ${subject}`,
    "target:",
    "  kind: OCIRepository",
    `  name: ${target.sync.name}`,
  ].join("\n");
}
