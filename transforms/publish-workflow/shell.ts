import { type PublishJob, TRIAL_BRANCH } from "./job.ts";

/** How a forge's shell names what the commands need. */
export interface ShellWords {
  /** Variable with the full commit. */
  commit: string;
  branch: string;
  /** URL of the repository. */
  source: string;
  /** `USER:PASSWORD` for the registry. */
  creds: string;
  /** Whether the forge has an action that signs, so that no step is needed here. */
  signsItself?: boolean;
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
  const path = `--path="./${job.artifactPath}"`;
  // Leaves out what git itself needs and nothing else; the rest is up to the source's own rules.
  const ignore = job.keepAll ? ['--ignore-paths=".git/,.gitignore,.gitmodules,.gitattributes"'] : [];
  const source = [`--source="${words.source}"`, `--revision="${words.branch}@sha1:${words.commit}"`];
  const [first, ...rest] = job.branches;
  const tag = [
    `case "${words.branch}" in`,
    `  ${first!.name}|${TRIAL_BRANCH}) tag=${first!.tag} ;;`,
    ...rest.map(({ name, tag }) => `  ${name}) tag=${tag} ;;`),
    "  *) exit 1 ;;",
    "esac",
    ...command("flux tag artifact", [address, '--tag="${tag}"', creds]),
  ];
  return [
    { title: "Check that the checkout is complete", lines: job.roots.map((root) => `test -d "${root}"`) },
    {
      title: "Push the artifact of this commit",
      lines: command("flux push artifact", [address, path, ...source, ...ignore, creds]),
    },
    { title: "Compare it with the checkout", lines: command("flux diff artifact", [address, path, ...ignore, creds]) },
    { title: "Sign it", lines: job.sign && !words.signsItself ? signLines(job, words) : [] },
    { title: "Let Flux follow it", lines: tag },
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
  const login = [`--registry-username="${user}"`, `--registry-password="${password}"`];
  return [
    `wget -qO /tmp/cosign ${binary}`,
    "chmod +x /tmp/cosign",
    ...command("HOME=/tmp /tmp/cosign sign", ["--yes", ...key, ...login, `"${imageOf(job)}:${commit}"`]),
  ];
}

/** The artifact as container tools call it. */
export function imageOf({ url }: PublishJob): string {
  return url.replace("oci://", "");
}

function command(name: string, words: readonly string[]): string[] {
  return [name, ...words].join(" \\\n  ").split("\n");
}

/** Variables with secrets that a step reads; a forge hands them to it by name. */
export function secretsOf(lines: readonly string[]): string[] {
  const text = lines.join("\n");
  return [
    ...(text.includes("REGISTRY_") ? ["REGISTRY_USER", "REGISTRY_TOKEN"] : []),
    ...(text.includes("COSIGN_PRIVATE_KEY") ? ["COSIGN_PRIVATE_KEY", "COSIGN_PASSWORD"] : []),
  ];
}

/** A glob or name as YAML takes it; one that begins with `*` needs quotes. */
export function plain(text: string): string {
  return /^[\w./-]+(?:\/\*\*(?:\/\*)?)?$/.test(text) ? text : `'${text}'`;
}

/** Lines under a key, each indented by so many spaces. */
export function indent(lines: readonly string[], spaces: number): string[] {
  return lines.map((line) => (line === "" ? "" : `${" ".repeat(spaces)}${line}`));
}
