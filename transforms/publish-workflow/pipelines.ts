import type { Yaml } from "../../src/contract/media.ts";
import { sh } from "../../src/contract/shell.ts";
import type { Tree } from "../../src/files/tree.ts";
import { indentLines } from "../../src/yaml/print.ts";
import { commandLines, yaml, yamlComment, yamlFile } from "../../src/yaml/text.ts";
import { firstDoc } from "../shared/read.ts";
import { branchItems, type PublishFile } from "./actions.ts";
import { branchNames, type PublishJob, trialNotes } from "./job.ts";
import { gitlabPattern, scalar } from "./patterns.ts";
import { REGISTRY_LOGIN, type ShellStep, secretsOf, shellSteps } from "./shell.ts";

/** The image of the Flux CLI; it holds a shell and nothing that the job does not need. */
function cliImage({ version }: PublishJob): Yaml {
  return scalar(`ghcr.io/fluxcd/flux-cli:v${version}`);
}

/** The job for GitLab CI, without the file around it. */
export function gitlabJob(tree: Tree, job: PublishJob, stage: string): Yaml[] {
  const own = job.host === "registry.gitlab.com" || tree.read(".gitlab-ci.yml")?.includes("CI_REGISTRY_PASSWORD");
  const steps = shellSteps(job, {
    commit: sh`\${CI_COMMIT_SHA}`,
    branch: sh`\${CI_COMMIT_BRANCH}`,
    source: sh`\${CI_PROJECT_URL}.git`,
    login: own ? { user: sh`\${CI_REGISTRY_USER}`, password: sh`\${CI_REGISTRY_PASSWORD}` } : REGISTRY_LOGIN,
  });
  const names = branchNames(job).map(gitlabPattern);
  return [
    yaml`publish-artifact:`,
    yaml`  stage: ${scalar(stage)}`,
    yaml`  image:`,
    yaml`    name: ${cliImage(job)}`,
    yaml`    entrypoint: [""]`,
    yaml`  resource_group: publish-artifact`,
    ...(job.submodules ? [yaml`  variables:`, yaml`    GIT_SUBMODULE_STRATEGY: recursive`] : []),
    ...(job.sign === "keyless" ? [yaml`  id_tokens:`, yaml`    SIGSTORE_ID_TOKEN:`, yaml`      aud: sigstore`] : []),
    yaml`  rules:`,
    ...indentLines(trialNotes(job).map(yamlComment), 4),
    yaml`    - if: ${scalar(`$CI_COMMIT_BRANCH =~ /^(${names.join("|")})$/`)}`,
    ...(job.paths.length > 0
      ? [yaml`      changes:`, ...job.paths.map((path) => yaml`        - ${rubyGlob(path)}`)]
      : []),
    ...inherited(tree),
    yaml`  script:`,
    ...scriptItems(steps, 4),
  ];
}

/** GitLab matches with Ruby's `File.fnmatch`, to which a `**` at the end is a `*`: it would miss every deeper file. */
function rubyGlob(path: string): Yaml {
  return scalar(path.replace(/\/\*\*$/, "/**/*"));
}

/** Commands that the file prepends to every job need tools of another image. */
function inherited(tree: Tree): Yaml[] {
  const data = firstDoc(tree, ".gitlab-ci.yml");
  return (["before_script", "after_script"] as const)
    .filter((key) => data?.[key] !== undefined || data?.default?.[key] !== undefined)
    .map((key) => yaml`  ${scalar(key)}: []`);
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
    yaml`trigger:`,
    yaml`  batch: true`,
    yaml`  branches:`,
    yaml`    include:`,
    ...branchItems(job),
    ...(job.paths.length > 0
      ? [
          yaml`  paths:`,
          yaml`    include:`,
          ...[path, ...job.paths].map((item) => yaml`      - ${scalar(item.replace(/\/\*\*$/, ""))}`),
        ]
      : []),
    yaml``,
    yaml`pr: none`,
    yaml``,
    yaml`pool:`,
    yaml`  vmImage: ubuntu-latest`,
    yaml``,
    yaml`steps:`,
    yaml`  - checkout: self`,
    yaml`    persistCredentials: false`,
    ...(job.submodules ? [yaml`    submodules: recursive`] : []),
    yaml``,
    yaml`  - bash: ${scalar(sh`curl -fsSL https://fluxcd.io/install.sh | sudo FLUX_VERSION=${job.version} bash`.line)}`,
    yaml`    displayName: Setup Flux CLI`,
    ...steps.flatMap(({ title, lines: script }) => {
      const secrets = secretsOf(script).map((name) => yaml`      ${name}: $(${name})`);
      return [
        yaml``,
        yaml`  - bash: |`,
        ...indentLines(commandLines([sh`set -euo pipefail`, ...script]), 6),
        yaml`    displayName: ${title}`,
        ...(secrets.length > 0 ? [yaml`    env:`, ...secrets] : []),
      ];
    }),
  ];
  return { path, text: yamlFile(lines) };
}

/**
 * Pattern of the branches and their one step for Bitbucket Pipelines, at indent 0. It has no condition on paths: Bitbucket
 * compares the last commit of a push alone, and would leave out what the commits before it changed.
 */
export function bitbucketStep(job: PublishJob): { branches: string; lines: Yaml[] } {
  const steps = shellSteps(job, {
    commit: sh`\${BITBUCKET_COMMIT}`,
    branch: sh`\${BITBUCKET_BRANCH}`,
    source: sh`\${BITBUCKET_GIT_HTTP_ORIGIN}`,
    login: REGISTRY_LOGIN,
  });
  return {
    branches: `{${branchNames(job).join(",")}}`,
    lines: [
      yaml`- step:`,
      yaml`    name: Publish the artifact`,
      ...(job.submodules ? [] : [yaml`    image:`, yaml`      name: ${cliImage(job)}`]),
      yaml`    concurrency-group: publish-artifact`,
      yaml`    script:`,
      ...(job.submodules
        ? [
            yaml`      - ${scalar(sh`curl -fsSL https://fluxcd.io/install.sh | FLUX_VERSION=${job.version} bash`.line)}`,
            yaml`      - git submodule update --init --recursive`,
          ]
        : []),
      ...scriptItems(steps, 6),
    ],
  };
}

/** One list item a step, so that the log names the command that failed. */
function scriptItems(steps: readonly ShellStep[], spaces: number): Yaml[] {
  return steps.flatMap(({ title, lines }) =>
    indentLines([yaml`# ${title}`, yaml`- |`, ...indentLines(commandLines(lines), 2)], spaces),
  );
}
