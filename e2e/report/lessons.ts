/** Where a run said something else than fluxlift or the reference did, and what became of it. Kept by hand. */
const LESSONS: { seen: string; before: string; now: string }[] = [
  {
    seen: "Objects whose Namespace or CRD goes, or whose only deliverer goes or loses its source, are deleted and never applied again.",
    before: "called re-created",
    now: "called deleted, and wanted all the same (`src/safety/fate/stranded.ts`)",
  },
  {
    seen: "Dropping `sync.name` or `sync` takes the generated source away; everything that reads it fails.",
    before: "a blocker for what is deleted, none for the references",
    now: "`reference-breaks` for each of them (`src/references/graph.ts`)",
  },
  {
    seen: "Without `decryption` a Secret with `stringData` is overwritten with its ciphertext, and its FluxKustomization stays Ready: kustomize-controller makes a typed Secret of it, without the `sops` field, before it looks for that field. One with `data` is refused.",
    before: "called refused (trap 25)",
    now: "the finding `setting-lost` says so",
  },
  {
    seen: "Before kustomize-controller 1.8.5 a live `ssa: Ignore` keeps an object only from the next sync on; until then it is pruned (trap 9).",
    before: "called deleted: verify sees no live objects, and preflight asks for `prune: Disabled` and no owner labels",
    now: "unchanged; docs/traps.md no longer says that it never keeps",
  },
  {
    seen: "After `--sync rename` the old root and the old installer are pruned only if the new root was the last to apply them; they may live on.",
    before: "the plan calls them deleted; the runbook has steps for what is left",
    now: "unchanged: the scenarios follow those steps",
  },
  {
    seen: "kustomize-controller can write its labels back in the middle of the takeover; they stay, protected by `prune: Disabled`, until the FluxInstance is reconciled again, though it reports Ready.",
    before: "preflight blocks the next phase and says how to go on; the runbook only said to stop",
    now: "the runbook says how to go on as well",
  },
  {
    seen: "A JSON6902 `replace` of a map key that is not there adds it; `remove` and `test` of such a key fail the build of the FluxInstance.",
    before:
      "the reference has it that all three fail; fluxlift applies patches with the rules of the library, and says what the run shows",
    now: "unchanged",
  },
  {
    seen: "`helm.sh/resource-policy: keep`, which the generated values set, keeps the FluxInstance when its release is uninstalled.",
    before: "fluxlift does not count on it and raises `flux-may-go`",
    now: "unchanged: the alarm errs to the safe side",
  },
  {
    seen: "Another value of `sync.name` is refused by the API server, so nothing happens.",
    before: "fluxlift speaks of what it would do and raises `wanted-may-go`",
    now: "unchanged: the alarm errs to the safe side",
  },
];

export function lessonLines(table: (head: string[], rows: string[][]) => string[]): string[] {
  const rows = LESSONS.map(({ seen, before, now }) => [seen, before, now]);
  return ["## Where reality differed", "", ...table(["seen", "before", "now"], rows), ""];
}
