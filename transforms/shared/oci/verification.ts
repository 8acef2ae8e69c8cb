import type { Yaml } from "../../../src/contract/media.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { Forge } from "../../../src/contract/options.ts";
import { indentLines, printYaml } from "../../../src/yaml/print.ts";
import { printPreferred } from "../../../src/yaml/scalars.ts";
import { DEFAULT_STYLE } from "../../../src/yaml/style.ts";
import { joinYaml, yaml, yamlLines } from "../../../src/yaml/text.ts";

/** Secret with the public key, where CI signs with a key. */
export const KEY_SECRET = "cosign-public-key";

/** Who vouches for the identity of a CI job to the public Sigstore: a private host of the same forge does not count. */
const ISSUERS: Record<string, string> = {
  "github.com": "^https://token\\.actions\\.githubusercontent\\.com$",
  "gitlab.com": "^https://gitlab\\.com$",
};

interface Signer {
  /** `host/owner/name` of what Flux clones. */
  identity?: string;
  forge?: Forge;
  publishes: boolean;
}

/** Issuer of the certificate when CI can sign without a key; undefined when it needs one. */
export function keylessIssuer({ identity, forge, publishes }: Signer): string | undefined {
  const host = (identity ?? "").split("/")[0]!;
  const runsThere = publishes && (forge === "github" || forge === "gitlab") && host === `${forge}.com`;
  return runsThere ? ISSUERS[host] : undefined;
}

/**
 * `spec.verify` for what CI signs: without a key the certificate must name a workflow of this repository, compared without
 * regard to case, because the sync may spell owner and name otherwise than the forge does; else the public key decides.
 */
export function verification(signer: Signer): YamlData {
  const issuer = keylessIssuer(signer);
  if (issuer === undefined) return { provider: "cosign", secretRef: { name: KEY_SECRET } };
  const subject = (signer.identity ?? "").replace(/[.+]/g, "\\$&");
  return { provider: "cosign", matchOIDCIdentity: [{ issuer, subject: `(?i)^https://${subject}/.+$` }] };
}

/** The instance's patch that makes Flux verify, as text of a list item at indent 0. */
export function verificationPatch(verify: YamlData, sourceName: string): Yaml {
  const lines = [
    yaml`patch: |`,
    yaml`  - op: add`,
    yaml`    path: /spec/verify`,
    yaml`    value:`,
    ...indentLines(yamlLines(printYaml(verify, { ...DEFAULT_STYLE, quote: "plain" })), 6),
    yaml`target:`,
    yaml`  kind: OCIRepository`,
    yaml`  name: ${printPreferred(sourceName, "plain")}`,
  ];
  return joinYaml(lines, "\n");
}
