import type { Tree } from "../../src/files/tree.ts";
import { majority } from "../shared/apps/conventions.ts";

export type ActionName = "actions/checkout" | "fluxcd/flux2/action" | "sigstore/cosign-installer";

/** A release of each, and its commit as public workflows pin it, for repositories that pin every action by commit. */
const PINS: Record<ActionName, { tag: string; commit: string }> = {
  "actions/checkout": { tag: "v4", commit: "11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2" },
  "fluxcd/flux2/action": { tag: "v2.6.4", commit: "6bf37f6a560fd84982d67f853162e4b3c2235edb # v2.6.4" },
  "sigstore/cosign-installer": { tag: "v4.1.1", commit: "cad07c2e89fa2edd6e2d7bab4c1aa38e53f76003 # v4.1.1" },
};

const USES = /uses:\s*["']?(?:https?:\/\/[^/\s]+\/)?([\w.-]+\/[\w./-]+)@([^\s"']+)["']?[ \t]*(#[^\n]*)?/g;

/** What the repository's own workflows look like. */
interface WorkflowHabits {
  /** `REF` or `REF # comment` of an action, as this repository pins it. */
  pin(action: ActionName): string;
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
  return {
    pin: (action) => {
      const refs = uses
        .filter(([, name]) => name === action)
        .map(([, , ref, note]) => (note ? `${ref} ${note.trim()}` : ref!));
      const own = majority(refs.filter((ref) => !/^(?:main|master)$/.test(ref)));
      return own ?? PINS[action][pinsCommits ? "commit" : "tag"];
    },
    documentStart: texts.filter((text) => text.startsWith("---")).length > texts.length / 2,
    schemaComment: majority(texts.map((text) => /^# yaml-language-server:[^\n]*/m.exec(text)?.[0] ?? "")),
    extension: names.filter((name) => name.endsWith(".yml")).length > names.length / 2 ? ".yml" : ".yaml",
    runsOn: majority(labels.map(([, label]) => label)),
  };
}
