import type { Yaml } from "../../src/contract/media.ts";
import { type Command, sh } from "../../src/contract/shell.ts";
import type { Tree } from "../../src/files/tree.ts";
import { indentLines } from "../../src/yaml/print.ts";
import { commandLines, yaml, yamlComment, yamlFile } from "../../src/yaml/text.ts";
import { type PublishJob, trialNote } from "./job.ts";
import { actionsPattern, scalar } from "./patterns.ts";
import { type ActionName, learnWorkflows } from "./pins.ts";
import { COSIGN_VERSION, imageAt, REGISTRY_LOGIN, secretsOf, shellSteps } from "./shell.ts";

export interface PublishFile {
  path: string;
  text: Yaml;
}

/** What tells one forge that reads workflows from another. */
interface Dialect {
  folder: string;
  runsOn: string;
  action(name: ActionName): string;
  permissions: Yaml[];
  /** What stands for a secret of the repository. */
  secret(name: Yaml): Yaml;
}

const repositorySecret = (name: Yaml) => yaml`\${{ secrets.${name} }}`;

/** The workflow for GitHub Actions; ghcr.io takes the job's own token, any other registry two secrets. */
export function printGithub(tree: Tree, job: PublishJob): PublishFile {
  const own: Record<string, Yaml> =
    job.host === "ghcr.io" ? { REGISTRY_USER: yaml`flux`, REGISTRY_TOKEN: repositorySecret(yaml`GITHUB_TOKEN`) } : {};
  return print(tree, job, {
    folder: ".github/workflows",
    runsOn: "ubuntu-latest",
    action: (name) => name,
    permissions: [
      yaml`contents: read`,
      ...(own.REGISTRY_TOKEN ? [yaml`packages: write`] : []),
      ...(job.sign === "keyless" ? [yaml`id-token: write`] : []),
    ],
    secret: (name) => own[name] ?? repositorySecret(name),
  });
}

/** The workflow for Forgejo or Gitea Actions; the job's own token may not push packages everywhere, so it takes two secrets. @param folder see `findFolder` */
export function printForgejo(tree: Tree, job: PublishJob, folder: string): PublishFile {
  return print(tree, job, {
    folder,
    runsOn: learnWorkflows(tree, folder).runsOn ?? (folder === GITEA ? "ubuntu-latest" : "docker"),
    action: (name) => (name === "actions/checkout" ? name : `https://github.com/${name}`),
    permissions: [],
    secret: repositorySecret,
  });
}

const [FORGEJO, GITEA, GITHUB] = [".forgejo/workflows", ".gitea/workflows", ".github/workflows"];

/**
 * The folder of the job. Forgejo reads the first of the three that is there, Gitea the first of the last two, and no other:
 * where the job brings that folder along, what was read up to now is not read any more.
 */
export function findFolder(tree: Tree, { home = "" }: PublishJob): { folder: string; unread?: string } {
  const isThere = (folder: string) => tree.entries(folder).length > 0;
  const isForgejo = /^codeberg\.org$|forgejo/.test(home);
  const folder = /gitea/.test(home) || (isThere(GITEA) && !(isForgejo && isThere(FORGEJO))) ? GITEA : FORGEJO;
  const unread = isThere(folder) ? undefined : (folder === GITEA ? [GITHUB] : [GITEA, GITHUB]).find(isThere);
  return { folder, ...(unread && { unread }) };
}

function print(tree: Tree, job: PublishJob, dialect: Dialect): PublishFile {
  const { folder, permissions } = dialect;
  const habits = learnWorkflows(tree, folder);
  const path = `${folder}/publish-artifact${habits.extension}`;
  const version = habits.cliVersion(job.version);
  const uses = (name: ActionName) => {
    const { ref, note } = habits.pin(name, job.version);
    const behind = note === undefined ? yaml`` : yaml` ${yamlComment(note)}`;
    return yaml`        uses: ${scalar(`${dialect.action(name)}@${ref}`)}${behind}`;
  };
  const items = (texts: readonly string[]) => texts.map((text) => yaml`      - ${scalar(text)}`);
  const lines = [
    ...(habits.documentStart ? [yaml`---`] : []),
    ...(habits.schemaComment ? [yamlComment(habits.schemaComment)] : []),
    yaml`name: publish-artifact`,
    yaml``,
    yaml`on:`,
    yaml`  workflow_dispatch:`,
    yaml`  push:`,
    yaml`    branches:`,
    ...branchItems(job, actionsPattern),
    ...(job.paths.length > 0 ? [yaml`    paths:`, ...items([path, ...job.paths])] : []),
    yaml``,
    ...(permissions.length > 0 ? [yaml`permissions:`, ...indentLines(permissions, 2), yaml``] : []),
    yaml`concurrency:`,
    // One tag, one queue; several tags must not push each other out of it.
    yaml`  group: publish-artifact${job.branches.length > 1 ? yaml`-\${{ github.ref }}` : yaml``}`,
    yaml``,
    yaml`jobs:`,
    yaml`  publish:`,
    yaml`    runs-on: ${scalar(dialect.runsOn)}`,
    yaml`    steps:`,
    yaml`      - name: Checkout`,
    uses("actions/checkout"),
    yaml`        with:`,
    yaml`          persist-credentials: false`,
    ...(job.submodules ? [yaml`          submodules: recursive`] : []),
    yaml``,
    yaml`      - name: Setup Flux CLI`,
    uses("fluxcd/flux2/action"),
    yaml`        with:`,
    yaml`          version: ${scalar(version)}`,
    ...stepLines(job, dialect, uses),
  ];
  return { path, text: yamlFile(lines) };
}

function stepLines(job: PublishJob, { secret }: Dialect, uses: (name: ActionName) => Yaml): Yaml[] {
  const isKeyless = job.sign === "keyless";
  const commit = sh`\${GITHUB_SHA}`;
  const steps = shellSteps(job, {
    commit,
    branch: sh`\${GITHUB_REF_NAME}`,
    source: sh`\${GITHUB_SERVER_URL}/\${GITHUB_REPOSITORY}.git`,
    login: REGISTRY_LOGIN,
    signsItself: isKeyless,
  });
  const print = (title: Yaml, lines: readonly Command[]) => {
    const env = secretsOf(lines).map((name) => yaml`          ${name}: ${secret(name)}`);
    const head = [yaml``, yaml`      - name: ${title}`, ...(env.length > 0 ? [yaml`        env:`, ...env] : [])];
    return [...head, yaml`        run: |`, ...indentLines(commandLines(lines), 10)];
  };
  // Keyless: the certificate names this workflow, and Flux checks that it does.
  const sign = [
    yaml``,
    yaml`      - name: Setup cosign`,
    uses("sigstore/cosign-installer"),
    yaml`        with:`,
    yaml`          cosign-release: ${scalar(COSIGN_VERSION)}`,
    ...print(yaml`Sign it`, [
      sh`echo "\${REGISTRY_TOKEN}" | cosign login ${job.host} --username "\${REGISTRY_USER}" --password-stdin`,
      sh`cosign sign --yes ${imageAt(job, commit)}`,
    ]),
  ];
  return steps.flatMap(({ title, lines }) => {
    const isTag = lines[0]!.line.startsWith("case ");
    return [...(isTag && isKeyless ? sign : []), ...print(title, lines)];
  });
}

/** The branches as a list, with a word on those that nobody else knows. */
export function branchItems({ branches }: PublishJob, toPattern = (name: string) => name): Yaml[] {
  const items = branches.flatMap(({ name, trial }) => [
    yaml`- ${scalar(toPattern(name))}`,
    yamlComment(trialNote(trial)),
    yaml`- ${scalar(toPattern(trial))}`,
  ]);
  return indentLines(items, 6);
}
