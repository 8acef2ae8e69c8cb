import { ignoreFlag, type PublishJob, pushPath, TRIAL_BRANCH } from "./job.ts";

/** How a forge's shell names what the commands need. */
export interface ShellWords {
  /** Variable with the full commit. */
  commit: string;
  branch: string;
  /** URL of the repository. */
  source: string;
  /** `USER:PASSWORD` for the registry. */
  creds: string;
  /** The forge has an action that signs, so that no step is needed here. */
  signsItself?: true;
}

/** Steps of the job, each a title and its shell lines. */
export interface ShellStep {
  title: string;
  lines: string[];
}

/**
 * Publishing in steps that can fail without harm: what the roots build must be in the checkout; the artifact is pushed under the
 * commit; it is read back and compared; only then the tag that Flux follows moves (trap 52).
 */
export function shellSteps(job: PublishJob, words: ShellWords): ShellStep[] {
  const address = `${job.url}:${words.commit}`;
  const creds = `--creds="${words.creds}"`;
  const flags = ignoreFlag(job);
  const push = command("flux push artifact", [
    address,
    `--path="${pushPath(job)}"`,
    `--source="${words.source}"`,
    `--revision="${words.branch}@sha1:${words.commit}"`,
    ...flags,
    creds,
  ]);
  const sign = job.sign && !words.signsItself ? [{ title: "Sign it", lines: signLines(job, words) }] : [];
  return [
    { title: "Check that the checkout is complete", lines: job.roots.map((root) => `test -d "${root}"`) },
    { title: "Push the artifact of this commit", lines: push },
    {
      title: "Compare it with the checkout",
      lines: command("flux diff artifact", [address, `--path="${pushPath(job)}"`, ...flags, creds]),
    },
    ...sign,
    { title: `Let Flux follow it`, lines: tagLines(job, words, address, creds) },
  ].filter(({ lines }) => lines.length > 0);
}

/** Cosign 2 writes signatures that every Flux since 2.2 reads; 3 writes bundles by default, which older ones do not. */
export const COSIGN_VERSION = "v2.6.1";

/** The CLI's image has no home folder and no cosign; a private key comes from a secret, an identity from the forge. */
function signLines(job: PublishJob, { commit, creds }: ShellWords): string[] {
  const [user = "", password = ""] = creds.split(":");
  const binary = `https://github.com/sigstore/cosign/releases/download/${COSIGN_VERSION}/cosign-linux-amd64`;
  // With a key Flux does not look at the transparency log, which is public and would name a private artifact.
  const key = job.sign === "key" ? ["--key=env://COSIGN_PRIVATE_KEY", "--tlog-upload=false"] : [];
  return [
    `wget -qO /tmp/cosign ${binary}`,
    "chmod +x /tmp/cosign",
    ...command("HOME=/tmp /tmp/cosign sign", [
      "--yes",
      ...key,
      `--registry-username="${user}"`,
      `--registry-password="${password}"`,
      `"${job.url.replace("oci://", "")}:${commit}"`,
    ]),
  ];
}

function tagLines(job: PublishJob, { branch }: ShellWords, address: string, creds: string): string[] {
  const [first, ...rest] = job.branches;
  const lines = [`case "${branch}" in`, `  ${first!.name}|${TRIAL_BRANCH}) tag=${first!.tag} ;;`];
  for (const { name, tag } of rest) lines.push(`  ${name}) tag=${tag} ;;`);
  return [...lines, "  *) exit 1 ;;", "esac", ...command("flux tag artifact", [address, '--tag="${tag}"', creds])];
}

function command(name: string, words: readonly string[]): string[] {
  return [name, ...words].map((word, index, all) => {
    const line = index === 0 ? word : `  ${word}`;
    return index === all.length - 1 ? line : `${line} \\`;
  });
}

/** Lines under a key, each indented by so many spaces. */
export function indent(lines: readonly string[], spaces: number): string[] {
  return lines.map((line) => (line === "" ? "" : `${" ".repeat(spaces)}${line}`));
}
