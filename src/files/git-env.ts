import { devNull } from "node:os";

/**
 * Four environments for git, from least to most trust. No other code starts a process, and no process starts without one of
 * them:
 * - `queryEnv`: a git folder of our own; the settings of the repository and of the user do not exist. Almost everything.
 * - `realEnv` with `REAL_SETTINGS`: the repository itself, for what only its settings can say; what could start a program or
 *   a connection is switched off.
 * - `cloneEnv`: `git clone` of an address that a person gave to `fleet`; the only one with a network.
 * - `ownerEnv`: `git commit` as the owner would run it, with hooks, filters and signing; and the second work tree that `fleet`
 *   commits in, with filters alone.
 */

/** Variables that say where git's own parts lie, which is for whoever installed it to say. */
const INSTALLATION = /^GIT_(EXEC_PATH|TRACE2?_REDACT)$/;
/** Settings from the environment; they count where the settings of the repository do. */
const SETTINGS = /^GIT_CONFIG(_|$)/;
/** Variables through which git would look at another repository than the one of the working folder. */
const FOREIGN = /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE|PREFIX|CEILING.*|.*_PATHSPECS)$/;

/** Messages in English, no lock taken for a mere look, no question asked, and nothing fetched: not by any protocol. */
const QUIET: NodeJS.ProcessEnv = {
  LC_ALL: "C",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ATTR_NOSYSTEM: "1",
  // Flux clones without them.
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_GRAFT_FILE: devNull,
  // Older gits do not know the first one and try to fetch; the second refuses that whatever `protocol.*` says.
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
};

function inherit(keep: (name: string) => boolean): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(GIT|SSH_ASKPASS)/.test(name) || keep(name));
  return Object.fromEntries(own);
}

/** @param own git folder of our own, which is also where git looks for the user's settings */
export function queryEnv(own: string): NodeJS.ProcessEnv {
  return {
    ...inherit((name) => INSTALLATION.test(name)),
    ...QUIET,
    GIT_DIR: own,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_SYSTEM: devNull,
    // For gits that do not know the variable above.
    HOME: own,
    XDG_CONFIG_HOME: own,
  };
}

export function realEnv(): NodeJS.ProcessEnv {
  return { ...inherit((name) => INSTALLATION.test(name) || SETTINGS.test(name)), ...QUIET };
}

/** Goes before the command in `realEnv`; the command line has the last word over every file of settings. */
export const REAL_SETTINGS: readonly string[] = [
  ...["-c", "core.fsmonitor=false"],
  ...["-c", `core.hooksPath=${devNull}`],
  // Of the empty list of grafts: it would stand before what git says of a question that fails.
  ...["-c", "advice.graftFileDeprecated=false"],
];

/** For a clone that a person asked for by its address: their credentials and settings, no question, no large files. */
export function cloneEnv(): NodeJS.ProcessEnv {
  return { ...ownerEnv(), LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_LFS_SKIP_SMUDGE: "1" };
}

export function ownerEnv(): NodeJS.ProcessEnv {
  return inherit((name) => !FOREIGN.test(name));
}
