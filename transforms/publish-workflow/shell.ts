import type { Yaml } from "../../src/contract/media.ts";
import { type Command, quoted, sh } from "../../src/contract/shell.ts";
import { yaml } from "../../src/yaml/text.ts";
import type { PublishJob } from "./job.ts";

/** How a forge's shell names what the commands need: text of the shell, to stand in double quotes. */
export interface ShellWords {
  /** Variable with the full commit. */
  commit: Command;
  branch: Command;
  /** URL of the repository. */
  source: Command;
  /** User and password for the registry. */
  login: { user: Command; password: Command };
  /** Whether the forge has an action that signs, so that no step is needed here. */
  signsItself?: boolean;
}

/** What stands for user and password where the forge hands both over as secrets. */
export const REGISTRY_LOGIN = { user: sh`\${REGISTRY_USER}`, password: sh`\${REGISTRY_TOKEN}` };

/** Steps of the job, each a title and its shell lines. */
export interface ShellStep {
  title: Yaml;
  lines: Command[];
}

/**
 * Publishing in steps that can fail without harm: what the roots build must be in the checkout; the artifact is pushed under the
 * commit; it is read back and compared; only then the tag that Flux follows moves (trap 52).
 */
export function shellSteps(job: PublishJob, words: ShellWords): ShellStep[] {
  const { commit, branch, login } = words;
  const address = sh`${job.url}:${commit}`;
  const creds = sh`--creds="${login.user}:${login.password}"`;
  const path = sh`--path=${quoted(`./${job.artifactPath}`)}`;
  // Leaves out what git itself needs and nothing else; the rest is up to the source's own rules.
  const ignore = job.keepAll ? [sh`--ignore-paths=".git/,.gitignore,.gitmodules,.gitattributes"`] : [];
  const source = [sh`--source="${words.source}"`, sh`--revision="${branch}@sha1:${commit}"`];
  const tag = [
    sh`case "${branch}" in`,
    ...job.branches.map(({ name, trial, tag }) => sh`  ${name}|${trial}) tag=${tag} ;;`),
    sh`  *) exit 1 ;;`,
    sh`esac`,
  ];
  return [
    { title: yaml`Check that the checkout is complete`, lines: job.roots.map((root) => sh`test -d ${quoted(root)}`) },
    {
      title: yaml`Push the artifact of this commit`,
      lines: command(sh`flux push artifact`, [address, path, ...source, ...ignore, creds]),
    },
    {
      title: yaml`Compare it with the checkout`,
      lines: command(sh`flux diff artifact`, [address, path, ...ignore, creds]),
    },
    { title: yaml`Sign it`, lines: job.sign && !words.signsItself ? signLines(job, words) : [] },
    {
      title: yaml`Let Flux follow it`,
      lines: [...tag, ...command(sh`flux tag artifact`, [address, sh`--tag="\${tag}"`, creds])],
    },
  ].filter(({ lines }) => lines.length > 0);
}

/** Cosign 2 writes signatures that every Flux since 2.2 reads; 3 writes bundles by default, which older ones do not. */
export const COSIGN_VERSION = "v2.6.1";

/** The CLI's image has no home folder and no cosign; a private key comes from a secret, an identity from the forge. */
function signLines(job: PublishJob, { commit, login }: ShellWords): Command[] {
  const binary = `https://github.com/sigstore/cosign/releases/download/${COSIGN_VERSION}/cosign-linux-amd64`;
  // With a key Flux does not look at the transparency log, which is public and would name a private artifact.
  const key = job.sign === "key" ? [sh`--key=env://COSIGN_PRIVATE_KEY`, sh`--tlog-upload=false`] : [];
  const user = [sh`--registry-username="${login.user}"`, sh`--registry-password="${login.password}"`];
  return [
    sh`wget -qO /tmp/cosign ${binary}`,
    sh`chmod +x /tmp/cosign`,
    ...command(sh`HOME=/tmp /tmp/cosign sign`, [sh`--yes`, ...key, ...user, imageAt(job, commit)]),
  ];
}

/** The artifact as container tools call it, with its tag. */
export function imageAt({ url }: PublishJob, tag: Command): Command {
  const image = url.replace("oci://", "");
  const word = sh`${image}`;
  return word.line === image ? sh`"${word}:${tag}"` : sh`${word}":${tag}"`;
}

function command(name: Command, words: readonly Command[]): Command[] {
  return [name, ...words].map((word, index) => {
    const line = index === 0 ? word : sh`  ${word}`;
    return index < words.length ? sh`${line} \\` : line;
  });
}

/** Variables with secrets that a step reads; a forge hands them to it by name. */
export function secretsOf(lines: readonly Command[]): Yaml[] {
  const text = lines.map(({ line }) => line).join("\n");
  return [
    ...(text.includes("REGISTRY_") ? [yaml`REGISTRY_USER`, yaml`REGISTRY_TOKEN`] : []),
    ...(text.includes("COSIGN_PRIVATE_KEY") ? [yaml`COSIGN_PRIVATE_KEY`, yaml`COSIGN_PASSWORD`] : []),
  ];
}
