/**
 * States for a quick run, chosen for what is in them and for how long they take: several clusters, Flux 2.2 and 2.9, the
 * community chart, gotk files with and without files of the owner beside them, an OCI source, a root with the bootstrap's
 * names, and old ones that must stop. Names pick inputs only; no result depends on them.
 */
const SAMPLE = [
  // The longest first, so that no core waits for it at the end.
  "Justin-De-Sio__homelab__live",
  "bluevulpine__flux-talos__before",
  "CJ-Jackson__homelab__live",
  "onedr0p__home-ops__before",
  "trosvald__home-cluster__live",
  "budimanjojo__home-cluster__before",
  "mchestr__home-cluster__old50",
  "h-wb__home-ops__old50",
  "DimmyJing__personal__live",
];

/** The sample as far as it is in the corpus. */
export function chooseSample(states: string[]): string[] {
  return SAMPLE.filter((name) => states.includes(name));
}
