import { lineOf } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import { repositoryAt } from "../files/git-repository.ts";
import { openRevision } from "../files/revision.ts";
import { resolveRoot } from "../files/site.ts";
import type { Tree } from "../files/tree.ts";
import { sayFinding } from "../findings/say.ts";
import { readAcceptance } from "../safety/fate/acceptance.ts";
import type { Configured } from "../safety/verify.ts";
import { CODE_NAMES, CONFIG_NAMES } from "./names.ts";
import { type ReadConfig, readConfig } from "./read.ts";

/**
 * The configuration of what a change is merged into, in the folder that is looked at or at the top of the repository.
 * @param dir absolute
 * @param commit full id of the one that `tree` is
 * @returns undefined where there is none
 * @throws UsageError where it cannot be read
 */
export function findInBase(dir: string, tree: Tree, commit: string): ReadConfig | undefined {
  const own = findInTree(tree);
  const repository = own ? undefined : repositoryAt(resolveRoot(dir));
  return own ?? (repository?.prefix ? findInTree(openRevision(repository.top, commit, CONFIG_NAMES)) : undefined);
}

function findInTree(tree: Tree): ReadConfig | undefined {
  const name = CONFIG_NAMES.find((one) => tree.has(one));
  return name === undefined ? undefined : readConfig(tree.read(name) ?? "", name);
}

/** What verify goes by. */
export function settingsOf(read: ReadConfig | undefined): Configured {
  const {
    accept = [],
    artifactPath,
    root: roots = [],
    massCount,
    massShare,
    dataKinds,
    immutableKinds,
  } = read?.config.verify ?? {};
  const source = "the configuration";
  return {
    artifactPath,
    roots,
    accept: accept.map((text, index) =>
      readAcceptance(text, { how: "config", at: read!.at(["verify", "accept", index]) }),
    ),
    settings: {
      ...(massCount === undefined ? {} : { massCount }),
      ...(massShare === undefined ? {} : { massShare }),
      dataKinds: (dataKinds ?? []).map((one) => ({ source, ...one })),
      immutableKinds: (immutableKinds ?? []).map((one) => ({ source, ...one })),
    },
  };
}

/** Says where a change edits what it would be judged by, were it merged. */
export function reportChanged(changed: readonly string[], base: string): Finding[] {
  return [...CONFIG_NAMES, ...CODE_NAMES]
    .filter((name) => changed.includes(name))
    .map((file) => sayFinding({ rule: "config-changed", level: "caution", at: lineOf(file), facts: { file, base } }));
}
