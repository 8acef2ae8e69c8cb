import { sh } from "../../src/contract/shell.ts";
import type { Tree } from "../../src/files/tree.ts";
import { firstDoc } from "../shared/read.ts";
import { branchItems, type PublishFile } from "./actions.ts";
import { branchNames, type PublishJob, TRIAL_NOTE } from "./job.ts";
import { gitlabPattern, indent, scalar } from "./patterns.ts";
import { REGISTRY_LOGIN, type ShellStep, secretsOf, shellSteps } from "./shell.ts";

/** The image of the Flux CLI; it holds a shell and nothing that the job does not need. */
function cliImage({ version }: PublishJob): string {
  return `ghcr.io/fluxcd/flux-cli:v${version}`;
}

/** The job for GitLab CI, without the file around it. */
export function gitlabJob(tree: Tree, job: PublishJob, stage: string): string[] {
  const own = job.host === "registry.gitlab.com" || tree.read(".gitlab-ci.yml")?.includes("CI_REGISTRY_PASSWORD");
  const steps = shellSteps(job, {
    commit: sh`\${CI_COMMIT_SHA}`,
    branch: sh`\${CI_COMMIT_BRANCH}`,
    source: sh`\${CI_PROJECT_URL}.git`,
    login: own ? { user: sh`\${CI_REGISTRY_USER}`, password: sh`\${CI_REGISTRY_PASSWORD}` } : REGISTRY_LOGIN,
  });
  const names = branchNames(job).map(gitlabPattern);
  return [
    "publish-artifact:",
    `  stage: ${scalar(stage)}`,
    "  image:",
    `    name: ${cliImage(job)}`,
    '    entrypoint: [""]',
    "  resource_group: publish-artifact",
    ...(job.submodules ? ["  variables:", "    GIT_SUBMODULE_STRATEGY: recursive"] : []),
    ...(job.sign === "keyless" ? ["  id_tokens:", "    SIGSTORE_ID_TOKEN:", "      aud: sigstore"] : []),
    "  rules:",
    `    ${TRIAL_NOTE}`,
    `    - if: $CI_COMMIT_BRANCH =~ /^(${names.join("|")})$/`,
    ...(job.paths.length > 0 ? ["      changes:", ...job.paths.map((path) => `        - ${rubyGlob(path)}`)] : []),
    ...inherited(tree),
    "  script:",
    ...scriptItems(steps, 4),
  ];
}

/** GitLab matches with Ruby's `File.fnmatch`, to which a `**` at the end is a `*`: it would miss every deeper file. */
function rubyGlob(path: string): string {
  return scalar(path.replace(/\/\*\*$/, "/**/*"));
}

/** Commands that the file prepends to every job need tools of another image. */
function inherited(tree: Tree): string[] {
  const data = firstDoc(tree, ".gitlab-ci.yml");
  return ["before_script", "after_script"]
    .filter((key) => data?.[key] !== undefined || data?.default?.[key] !== undefined)
    .map((key) => `  ${key}: []`);
}

/** The pipeline for Azure DevOps; `batch` runs one at a time for a branch, so that an older commit never moves the tag last. */
export function printAzure(job: PublishJob, path: string): PublishFile {
  const steps = shellSteps(job, {
    commit: sh`\${BUILD_SOURCEVERSION}`,
    branch: sh`\${BUILD_SOURCEBRANCH#refs/heads/}`,
    source: sh`\${BUILD_REPOSITORY_URI}`,
    login: REGISTRY_LOGIN,
  });
  const lines = [
    "trigger:",
    "  batch: true",
    "  branches:",
    "    include:",
    ...branchItems(job, "      "),
    ...(job.paths.length > 0
      ? [
          "  paths:",
          "    include:",
          ...[path, ...job.paths].map((item) => `      - ${scalar(item.replace(/\/\*\*$/, ""))}`),
        ]
      : []),
    "",
    "pr: none",
    "",
    "pool:",
    "  vmImage: ubuntu-latest",
    "",
    "steps:",
    "  - checkout: self",
    "    persistCredentials: false",
    ...(job.submodules ? ["    submodules: recursive"] : []),
    "",
    `  - bash: curl -fsSL https://fluxcd.io/install.sh | sudo FLUX_VERSION=${job.version} bash`,
    "    displayName: Setup Flux CLI",
    ...steps.flatMap(({ title, lines: script }) => {
      const secrets = secretsOf(script).map((name) => `      ${name}: $(${name})`);
      return [
        "",
        "  - bash: |",
        ...indent(["set -euo pipefail", ...script], 6),
        `    displayName: ${title}`,
        ...(secrets.length > 0 ? ["    env:", ...secrets] : []),
      ];
    }),
  ];
  return { path, text: `${lines.join("\n")}\n` };
}

/**
 * Pattern of the branches and their one step for Bitbucket Pipelines, at indent 0. It has no condition on paths: Bitbucket
 * compares the last commit of a push alone, and would leave out what the commits before it changed.
 */
export function bitbucketStep(job: PublishJob): { branches: string; lines: string[] } {
  const steps = shellSteps(job, {
    commit: sh`\${BITBUCKET_COMMIT}`,
    branch: sh`\${BITBUCKET_BRANCH}`,
    source: sh`\${BITBUCKET_GIT_HTTP_ORIGIN}`,
    login: REGISTRY_LOGIN,
  });
  return {
    branches: `{${branchNames(job).join(",")}}`,
    lines: [
      "- step:",
      "    name: Publish the artifact",
      ...(job.submodules ? [] : ["    image:", `      name: ${cliImage(job)}`]),
      "    concurrency-group: publish-artifact",
      "    script:",
      ...(job.submodules
        ? [
            `      - curl -fsSL https://fluxcd.io/install.sh | FLUX_VERSION=${job.version} bash`,
            "      - git submodule update --init --recursive",
          ]
        : []),
      ...scriptItems(steps, 6),
    ],
  };
}

/** One list item a step, so that the log names the command that failed. */
function scriptItems(steps: readonly ShellStep[], spaces: number): string[] {
  return steps.flatMap(({ title, lines }) => indent([`# ${title}`, "- |", ...indent(lines, 2)], spaces));
}
