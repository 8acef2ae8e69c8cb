import { given } from "../../src/contract/given.ts";
import type { Tree } from "../../src/files/tree.ts";
import { majority } from "../shared/apps/evidence.ts";

export type ActionName = "actions/checkout" | "fluxcd/flux2/action" | "sigstore/cosign-installer";

/** A release of each, and its commit as public workflows pin it, for repositories that pin every action by commit. */
const PINS: Record<ActionName, { tag: string; commit: string }> = {
  "actions/checkout": { tag: "v4", commit: "11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2" },
  "fluxcd/flux2/action": { tag: "v2.6.4", commit: "6bf37f6a560fd84982d67f853162e4b3c2235edb # v2.6.4" },
  "sigstore/cosign-installer": { tag: "v4.1.1", commit: "cad07c2e89fa2edd6e2d7bab4c1aa38e53f76003 # v4.1.1" },
};

/** The first major release whose Node the runners still have. */
const OLDEST: Partial<Record<ActionName, number>> = { "actions/checkout": 4, "sigstore/cosign-installer": 3 };

/** The release that a pin means: its tag, or what the comment beside a commit says. */
function releaseOf(pin: string): string | undefined {
  const [, ref = "", note] = /^(\S+)(?:\s+#\s*(\S+))?/.exec(pin) ?? [];
  return /^[0-9a-f]{40}$/.test(ref) ? note : ref;
}

export const ACTIONS = Object.keys(PINS) as ActionName[];

const USES = /uses:\s*["']?(?:https?:\/\/[^/\s]+\/)?([\w.-]+\/[\w./-]+)@([^\s"']+)["']?[ \t]*(#[^\n]*)?/g;

/** What the repository's own workflows look like. */
interface WorkflowHabits {
  /** An action as this repository pins it, with what it says behind it; of Flux' own, that of the CLI it installs. */
  pin(action: ActionName, cli: string): { ref: string; note?: string };
  /** The CLI that goes with the pin of Flux' own action: what this repository runs already, else what is wanted. */
  cliVersion(wanted: string): string;
  /** How this repository pins an action whose release no runner starts any more, so that `pin` gives a newer one. */
  outdated(action: ActionName): string | undefined;
  documentStart: boolean;
  /** Empty where most have none. */
  schemaComment: string | undefined;
  extension: ".yaml" | ".yml";
  runsOn: string | undefined;
}

/** Learns from the workflows of one folder how actions are pinned and how files begin. */
export function learnWorkflows(tree: Tree, folder: string): WorkflowHabits {
  const names = tree.entries(folder).filter((name) => /\.ya?ml$/.test(name));
  const texts = names.map((name) => tree.read(`${folder}/${name}`) ?? "");
  const uses = texts.flatMap((text) => [...text.matchAll(USES)]);
  const byCommit = uses.filter(([, , ref]) => /^[0-9a-f]{40}$/.test(ref!)).length;
  const pinsCommits = uses.length > 0 && byCommit > uses.length / 2;
  const labels = texts.flatMap((text) => [...text.matchAll(/runs-on:\s*([\w.-]+)\s*$/gm)]);
  const ownPin = (action: ActionName) =>
    majority(
      uses
        .filter(([, name, ref]) => name === action && !/^(?:main|master)$/.test(ref!))
        .map(([, , ref, note]) => (note ? `${ref} ${note.trim()}` : ref!)),
    );
  const outdated = (action: ActionName) => {
    const own = ownPin(action);
    const major = Number(/^v?(\d+)(?:\.|\s|$)/.exec(releaseOf(own ?? "") ?? "")?.[1] ?? Number.POSITIVE_INFINITY);
    return major < (OLDEST[action] ?? 0) ? own : undefined;
  };
  const fluxAction = ownPin("fluxcd/flux2/action");
  return {
    pin: (action, cli) => {
      const own = outdated(action) === undefined ? ownPin(action) : undefined;
      const known = PINS[action][pinsCommits ? "commit" : "tag"];
      const pin = own ?? (action === "fluxcd/flux2/action" && !pinsCommits ? `v${cli}` : known);
      const [, ref = "", note] = /^(\S+) ?(#.*)?/.exec(pin) ?? [];
      return { ref, ...given({ note }) };
    },
    cliVersion: (wanted) => {
      const pinned = fluxAction ?? (pinsCommits ? PINS["fluxcd/flux2/action"].commit : undefined);
      return /^v?(\d+\.\d+\.\d+)$/.exec(releaseOf(pinned ?? "") ?? "")?.[1] ?? wanted;
    },
    outdated,
    documentStart: texts.filter((text) => text.startsWith("---")).length > texts.length / 2,
    schemaComment: majority(texts.map((text) => /^# yaml-language-server:[^\r\n]*/m.exec(text)?.[0] ?? "")),
    extension: names.filter((name) => name.endsWith(".yml")).length > names.length / 2 ? ".yml" : ".yaml",
    runsOn: majority(labels.map(([, label]) => label)),
  };
}
