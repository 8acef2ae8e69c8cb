import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { verifyChange } from "../../src/safety/verify.ts";
import { makeBuildable, unreadable } from "../corpus/gate/buildable.ts";
import { Builder, type Kustomize } from "../corpus/gate/kustomize.ts";
import { reach } from "../corpus/gate/reach.ts";
import type { Reference } from "../corpus/gate/reference.ts";
import { findRoots } from "../corpus/gate/sights.ts";
import { type Data, joinPath, openSnapshot, type Snapshot } from "../corpus/gate/snapshot.ts";
import { git, makeRepo, repoFacts } from "../corpus/repo.ts";
import type { Sight } from "../merges/live.ts";
import type { Bench } from "../merges/roots.ts";
import { names, readSaid } from "../merges/said.ts";
import { judgeSides, openSide, type Side } from "../merges/truth.ts";
import { makeAccident } from "./accidents.ts";
import { openComplaints } from "./crds.ts";
import { changedObjects, type Effect, effectsOf, sayEffect } from "./effects.ts";
import type { Edits } from "./place.ts";
import { isDeliberate, makeRefactoring } from "./refactorings/index.ts";
import { type Row, weigh } from "./weigh.ts";

export interface SessionInput {
  state: string;
  /** The unpacked tree. */
  origin: string;
  scratch: string;
  url: string;
  builds: string;
  kustomize: Kustomize;
  reference: Reference;
}

/** One state of the corpus, read once, and broken again and again. */
export class Session {
  readonly #input: SessionInput;
  readonly #bench: Bench;
  readonly #repo: string;
  readonly #base: Snapshot;
  readonly #known: Set<string>;
  readonly #complain: (data: Data) => string[];
  #before: Side | undefined;
  /** What the judge sees where nothing changes, as with a Kustomization that applies itself in another form. */
  readonly #noise = new Set<string>();
  #files: string[] = [];

  constructor(input: SessionInput) {
    this.#input = input;
    this.#bench = {
      builder: new Builder(input.kustomize, input.builds),
      reference: input.reference,
      scratch: join(input.scratch, "overlays"),
    };
    mkdirSync(this.#bench.scratch, { recursive: true });
    this.#base = openSnapshot(input.origin);
    this.#known = unreadable(this.#base);
    this.#repo = join(input.scratch, "repo");
    makeRepo(input.origin, this.#repo, { ...repoFacts(findRoots(this.#base)), url: input.url });
    this.#complain = openComplaints(input.reference);
  }

  /** @returns undefined where no change of the seed can be made here */
  async judge(seed: number): Promise<Row | undefined> {
    const before = await this.#open();
    const make = isDeliberate(seed) ? makeRefactoring : makeAccident;
    const accident = make(seed, { tree: this.#base, files: this.#files });
    if (!accident) return undefined;
    const started = Date.now();
    this.#write(accident.edits);
    try {
      git(this.#repo, "add", "-A", "-f");
      git(this.#repo, "commit", "-q", "--allow-empty", "-m", "Accident");
      const asked = Date.now();
      const { report } = verifyChange({ dir: this.#repo, base: "HEAD~1", head: "HEAD", remotes: [this.#input.url] });
      const seconds = (Date.now() - asked) / 1000;
      const said = { ...readSaid(JSON.parse(JSON.stringify(report))), exit: 0, seconds };
      const sight = this.#look(openSnapshot(this.#repo), "after");
      const effects: Effect[] = [];
      const changed = new Set<string>();
      const truth = await judgeSides(
        this.#bench,
        before,
        await openSide(this.#bench, sight, this.#input.url),
        (was, is) => {
          effects.push(...effectsOf(was, is, this.#complain));
          for (const one of changedObjects(was, is)) changed.add(one);
        },
      );
      const real = effects.filter((effect) => !this.#noise.has(sayEffect(effect)));
      const { kind, what } = accident;
      const findings = report.findings.map((one) => `${one.level} ${one.rule}: ${one.what}`);
      const took = (Date.now() - started) / 1000;
      const row = { seed, state: this.#input.state, kind, what, findings, took };
      return weigh({ ...row, truth, effects: real, changed: [...changed], said, names });
    } finally {
      git(this.#repo, "reset", "-q", "--hard", "HEAD~1");
      git(this.#repo, "clean", "-fdxq");
    }
  }

  close(): void {
    rmSync(this.#input.scratch, { recursive: true, force: true });
  }

  async #open(): Promise<Side> {
    if (this.#before) return this.#before;
    const side = await openSide(this.#bench, this.#look(this.#base, "before"), this.#input.url);
    const same = await openSide(this.#bench, this.#look(this.#base, "same"), this.#input.url);
    await judgeSides(this.#bench, side, same, (was, is) => {
      for (const effect of effectsOf(was, is, this.#complain)) this.#noise.add(sayEffect(effect));
    });
    const files = new Set<string>();
    for (const [root, { cluster }] of side.lives) {
      for (const { data, reading } of cluster.values()) {
        if (reading === "foreign") continue;
        const path = joinPath(root.prefix, String(data.spec?.path ?? ""));
        for (const file of reach(this.#base, path, data.spec?.components ?? [])) files.add(file);
      }
    }
    this.#files = [...files].filter((file) => this.#base.has(file) && !/gotk-components\.ya?ml$/.test(file)).sort();
    this.#before = side;
    return side;
  }

  /** The copy that leaves out what nobody can read is made where a build needs it. */
  #look(tree: Snapshot, name: string): Sight {
    const [known, copy] = [this.#known, join(this.#input.scratch, `buildable-${name}`)];
    let made: Snapshot | undefined;
    return {
      tree,
      get buildable() {
        made ??= makeBuildable(tree, known, copy);
        return made;
      },
    };
  }

  #write(edits: Edits): void {
    for (const [path, text] of edits) {
      const file = join(this.#repo, path);
      if (text === undefined) rmSync(file, { force: true });
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
  }
}
