import { sh } from "../../src/contract/shell.ts";
import type { Tree } from "../../src/files/tree.ts";
import { branchNames, type PublishJob, TRIAL_BRANCH, TRIAL_NOTE } from "./job.ts";
import { actionsPattern, indent, scalar } from "./patterns.ts";
import { type ActionName, learnWorkflows } from "./pins.ts";
import { COSIGN_VERSION, imageAt, REGISTRY_LOGIN, secretsOf, shellSteps } from "./shell.ts";

export interface PublishFile {
  path: string;
  text: string;
}

/** What tells one forge that reads workflows from another. */
interface Dialect {
  folder: string;
  runsOn: string;
  action(name: ActionName): string;
  permissions: string[];
  /** What stands for a secret of the repository. */
  secret(name: string): string;
}

const repositorySecret = (name: string) => `\${{ secrets.${name} }}`;

/** The workflow for GitHub Actions; ghcr.io takes the job's own token, any other registry two secrets. */
export function printGithub(tree: Tree, job: PublishJob): PublishFile {
  const own: Record<string, string> =
    job.host === "ghcr.io" ? { REGISTRY_USER: "flux", REGISTRY_TOKEN: repositorySecret("GITHUB_TOKEN") } : {};
  return print(tree, job, {
    folder: ".github/workflows",
    runsOn: "ubuntu-latest",
    action: (name) => name,
    permissions: [
      "contents: read",
      ...(own.REGISTRY_TOKEN ? ["packages: write"] : []),
      ...(job.sign === "keyless" ? ["id-token: write"] : []),
    ],
    secret: (name) => own[name] ?? repositorySecret(name),
  });
}

/** The workflow for Forgejo or Gitea Actions; the job's own token may not push packages everywhere, so it takes two secrets. */
export function printForgejo(tree: Tree, job: PublishJob): PublishFile {
  const gitea = tree.entries(".gitea/workflows").length > 0;
  const folder = gitea ? ".gitea/workflows" : ".forgejo/workflows";
  return print(tree, job, {
    folder,
    runsOn: learnWorkflows(tree, folder).runsOn ?? (gitea ? "ubuntu-latest" : "docker"),
    action: (name) => (name === "actions/checkout" ? name : `https://github.com/${name}`),
    permissions: [],
    secret: repositorySecret,
  });
}

function print(tree: Tree, job: PublishJob, dialect: Dialect): PublishFile {
  const { folder, permissions } = dialect;
  const habits = learnWorkflows(tree, folder);
  const path = `${folder}/publish-artifact${habits.extension}`;
  const version = habits.cliVersion(job.version);
  const uses = (name: ActionName) => `        uses: ${dialect.action(name)}@${habits.pin(name, job.version)}`;
  const items = (texts: readonly string[]) => texts.map((text) => `      - ${scalar(text)}`);
  const lines = [
    ...(habits.documentStart ? ["---"] : []),
    ...(habits.schemaComment ? [habits.schemaComment] : []),
    "name: publish-artifact",
    "",
    "on:",
    "  workflow_dispatch:",
    "  push:",
    "    branches:",
    ...branchItems(job, "      ", actionsPattern),
    ...(job.paths.length > 0 ? ["    paths:", ...items([path, ...job.paths])] : []),
    "",
    ...(permissions.length > 0 ? ["permissions:", ...indent(permissions, 2), ""] : []),
    "concurrency:",
    // One tag, one queue; several tags must not push each other out of it.
    `  group: publish-artifact${job.branches.length > 1 ? "-${{ github.ref }}" : ""}`,
    "",
    "jobs:",
    "  publish:",
    `    runs-on: ${dialect.runsOn}`,
    "    steps:",
    "      - name: Checkout",
    uses("actions/checkout"),
    "        with:",
    "          persist-credentials: false",
    ...(job.submodules ? ["          submodules: recursive"] : []),
    "",
    "      - name: Setup Flux CLI",
    uses("fluxcd/flux2/action"),
    "        with:",
    `          version: ${version}`,
    ...stepLines(job, dialect, uses),
  ];
  return { path, text: `${lines.join("\n")}\n` };
}

function stepLines(job: PublishJob, { secret }: Dialect, uses: (name: ActionName) => string): string[] {
  const isKeyless = job.sign === "keyless";
  const commit = sh`\${GITHUB_SHA}`;
  const steps = shellSteps(job, {
    commit,
    branch: sh`\${GITHUB_REF_NAME}`,
    source: sh`\${GITHUB_SERVER_URL}/\${GITHUB_REPOSITORY}.git`,
    login: REGISTRY_LOGIN,
    signsItself: isKeyless,
  });
  const print = (title: string, lines: readonly string[]) => {
    const env = secretsOf(lines).map((name) => `          ${name}: ${secret(name)}`);
    const head = ["", `      - name: ${title}`, ...(env.length > 0 ? ["        env:", ...env] : [])];
    return [...head, "        run: |", ...indent(lines, 10)];
  };
  // Keyless: the certificate names this workflow, and Flux checks that it does.
  const sign = [
    "",
    "      - name: Setup cosign",
    uses("sigstore/cosign-installer"),
    "        with:",
    `          cosign-release: ${COSIGN_VERSION}`,
    ...print("Sign it", [
      sh`echo "\${REGISTRY_TOKEN}" | cosign login ${job.host} --username "\${REGISTRY_USER}" --password-stdin`.line,
      sh`cosign sign --yes ${imageAt(job, commit)}`.line,
    ]),
  ];
  return steps.flatMap(({ title, lines }) => {
    const isTag = lines[0]!.startsWith("case ");
    return [...(isTag && isKeyless ? sign : []), ...print(title, lines)];
  });
}

/** The branches as a list, with a word on the one that nobody else knows. */
export function branchItems(job: PublishJob, lead: string, toPattern = (name: string) => name): string[] {
  return branchNames(job).flatMap((name) => [
    ...(name === TRIAL_BRANCH ? [`${lead}${TRIAL_NOTE}`] : []),
    `${lead}- ${scalar(toPattern(name))}`,
  ]);
}
