import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { ofText } from "../../src/yaml/of-text.ts";
import { makesCluster } from "./test-runs.ts";

/** `on: push`, `on: [push, workflow_dispatch]`, `push:` and `- push` of a workflow of GitHub, Gitea or Forgejo. */
const ON_PUSH = /^["']?on["']?[ \t]*:[^\n#]*\bpush\b|^[ \t]+(?:-[ \t]+)?["']?push["']?[ \t\r]*:?[ \t\r]*(?:#[^\n]*)?$/m;

/** What keeps a pipeline of another forge from running with each push. */
const BY_HAND = /\bmanual\b|^[ \t]*trigger[ \t]*:[ \t]*["']?none\b/m;

/**
 * Whether a job runs by itself with each push, so in a cluster that is up, and makes none that is thrown away again. A pipeline
 * of any other forge runs with each push unless it says otherwise; errs towards no push where any job of it waits for a person.
 */
export function runsOnPush({ kind, path, text }: AutomationFile): boolean {
  if (kind !== "workflow" || makesCluster(text)) return false;
  return isOfGithub(path) ? isOnPush(text) : !isByHand(text);
}

const isOfGithub = (path: string) => /(^|\/)\.(?:github|gitea|forgejo)\//.test(path);
/** A file may hold thousands of commands that ask. */
const isOnPush = ofText((text: string) => ON_PUSH.test(text), 16);
const isByHand = ofText((text: string) => BY_HAND.test(text), 16);
