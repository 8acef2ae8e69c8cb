import type { Tree } from "../../src/files/tree.ts";
import { type PublishJob, TRIAL_BRANCH } from "./job.ts";
import { type ActionName, learnWorkflows } from "./pins.ts";
import { COSIGN_VERSION, indent, shellSteps } from "./shell.ts";

export interface PublishFile {
  path: string;
  text: string;
}

/** The workflow for GitHub Actions; ghcr.io takes the job's own token, any other registry two secrets. */
export function printGithub(tree: Tree, job: PublishJob): PublishFile {
  const own = job.host === "ghcr.io";
  return print(tree, job, {
    folder: ".github/workflows",
    runsOn: "ubuntu-latest",
    action: (name) => name,
    permissions: [
      "contents: read",
      ...(own ? ["packages: write"] : []),
      ...(job.sign === "keyless" ? ["id-token: write"] : []),
    ],
    user: own ? "flux" : "${{ secrets.REGISTRY_USER }}",
    token: own ? "${{ secrets.GITHUB_TOKEN }}" : "${{ secrets.REGISTRY_TOKEN }}",
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
    user: "${{ secrets.REGISTRY_USER }}",
    token: "${{ secrets.REGISTRY_TOKEN }}",
  });
}

interface Dialect {
  folder: string;
  runsOn: string;
  action(name: ActionName): string;
  permissions: string[];
  user: string;
  token: string;
}

function print(tree: Tree, job: PublishJob, dialect: Dialect): PublishFile {
  const { folder } = dialect;
  const habits = learnWorkflows(tree, folder);
  const path = `${folder}/publish-artifact${habits.extension}`;
  const uses = (name: ActionName) => `uses: ${dialect.action(name)}@${habits.pin(name)}`;
  const [first, ...rest] = job.branches;
  const branches = [first!.name, TRIAL_BRANCH, ...rest.map(({ name }) => name)];
  const lines = [
    ...(habits.documentStart ? ["---"] : []),
    ...(habits.schemaComment ? [habits.schemaComment] : []),
    "name: publish-artifact",
    "",
    "on:",
    "  workflow_dispatch:",
    "  push:",
    "    branches:",
    ...branches.map((name) => `      - ${quote(name)}`),
    ...(job.paths.length > 0 ? ["    paths:", ...[path, ...job.paths].map((glob) => `      - ${quote(glob)}`)] : []),
    "",
    ...(dialect.permissions.length > 0 ? ["permissions:", ...indent(dialect.permissions, 2), ""] : []),
    "concurrency:",
    // One tag, one queue; several tags must not push each other out of it.
    `  group: publish-artifact${job.branches.length > 1 ? "-${{ github.ref }}" : ""}`,
    "",
    "jobs:",
    "  publish:",
    `    runs-on: ${dialect.runsOn}`,
    "    steps:",
    "      - name: Checkout",
    `        ${uses("actions/checkout")}`,
    "        with:",
    "          persist-credentials: false",
    ...(job.submodules ? ["          submodules: recursive"] : []),
    "",
    "      - name: Setup Flux CLI",
    `        ${uses("fluxcd/flux2/action")}`,
    "        with:",
    `          version: ${job.version}`,
    ...stepLines(job, dialect, uses),
  ];
  return { path, text: `${lines.join("\n")}\n` };
}

const KEYS = ["COSIGN_PRIVATE_KEY", "COSIGN_PASSWORD"];

function stepLines(job: PublishJob, dialect: Dialect, uses: (name: ActionName) => string): string[] {
  const words = {
    commit: "${GITHUB_SHA}",
    branch: "${GITHUB_REF_NAME}",
    source: "${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git",
    creds: "${REGISTRY_USER}:${REGISTRY_TOKEN}",
    ...(job.sign === "keyless" ? { signsItself: true as const } : {}),
  };
  return shellSteps(job, words).flatMap(({ title, lines }) => {
    const isTag = lines[0]!.startsWith("case ");
    const env = lines.join("\n").includes("REGISTRY_")
      ? ["        env:", `          REGISTRY_USER: ${dialect.user}`, `          REGISTRY_TOKEN: ${dialect.token}`]
      : [];
    if (lines.join("\n").includes("COSIGN_PRIVATE_KEY"))
      env.push(...KEYS.map((name) => `          ${name}: \${{ secrets.${name} }}`));
    const step = ["", `      - name: ${title}`, ...env, "        run: |", ...indent(lines, 10)];
    return isTag && job.sign === "keyless" ? [...signLines(job, dialect, uses), ...step] : step;
  });
}

/** Keyless: the certificate names this workflow, and Flux checks that it does. */
function signLines(job: PublishJob, dialect: Dialect, uses: (name: ActionName) => string): string[] {
  return [
    "",
    "      - name: Setup cosign",
    `        ${uses("sigstore/cosign-installer")}`,
    "        with:",
    `          cosign-release: ${COSIGN_VERSION}`,
    "",
    "      - name: Sign it",
    "        env:",
    `          REGISTRY_USER: ${dialect.user}`,
    `          REGISTRY_TOKEN: ${dialect.token}`,
    "        run: |",
    `          echo "\${REGISTRY_TOKEN}" | cosign login ${job.host} --username "\${REGISTRY_USER}" --password-stdin`,
    `          cosign sign --yes "${job.url.replace("oci://", "")}:\${GITHUB_SHA}"`,
  ];
}

/** Globs that begin with `*` and names that YAML would read as something else. */
function quote(text: string): string {
  return /^[\w./-]+(?:\/\*\*)?$/.test(text) && !/^(?:true|false|null|yes|no|on|off|[\d.]+)$/i.test(text)
    ? text
    : `'${text}'`;
}
