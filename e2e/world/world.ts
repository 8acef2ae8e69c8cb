import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "../cluster/control-plane.ts";
import { Controllers } from "../cluster/controllers.ts";
import { poke, type Settled, settle } from "../cluster/settle.ts";
import { binaryPath } from "../install/build.ts";
import { CONTROL_PLANE, type Generation } from "../install/components.ts";
import type { Pki } from "../install/pki.ts";
import { type Comparison, compare, type Prediction, readPrediction } from "../record/compare.ts";
import { followersOf } from "../record/followers.ts";
import { Recorder } from "../record/recorder.ts";
import type { FactAnswer, StepResult } from "../record/result.ts";
import { sightOf } from "../record/sight.ts";
import { fluxlift, type PlanJson, type Ran, type VerifyJson } from "./fluxlift.ts";
import type { GitServer } from "./git-server.ts";
import { CORE, type InstallOptions, installObjects } from "./gotk.ts";
import { condition, type KubeObject } from "./kube.ts";
import { runPreflight } from "./preflight.ts";
import type { Processes } from "./processes.ts";
import type { Registry } from "./registry.ts";
import type { Files, Repo } from "./repo.ts";
import { until } from "./wait.ts";

export interface WorldOptions {
  dir: string;
  repo: Repo;
  generation: Generation;
  processes: Processes;
  pki: Pki;
  registry: Registry;
  /** What the own repository is read from; none where the registry serves it too. */
  git?: GitServer;
  operatorDir: string;
  log: (line: string) => void;
}

/** One cluster of a scenario. */
export interface ClusterHandle {
  name: string;
  plane: ControlPlane;
  recorder: Recorder;
  controllers: Controllers;
  /** Objects that were not Ready in the old state either, and may stay so; only real trees have any. */
  accepted: Map<string, string>;
}

export interface StepOptions {
  /** What the step is called, where the phase alone does not tell. */
  name?: string;
  /** What happens once the commit is there and before it is pushed. */
  before?: () => Promise<void>;
  /** What happens while the clusters follow the commit that was just pushed. */
  during?: () => Promise<void>;
  /** What the runbook lets a person do on a cluster once the merge has come to rest there; part of the step. */
  after?: (cluster: ClusterHandle) => Promise<void>;
  /** Objects that may be left not Ready. */
  expectNotReady?: RegExp;
  /** Longest wait in seconds. */
  limit?: number;
  /** Commit at which the branch of the change left main, where that is not the newest one. */
  from?: string;
}

/** A repository, its clusters, and what was said and seen of every step. */
export class World {
  readonly repo: Repo;
  readonly generation: Generation;
  readonly clusters: ClusterHandle[] = [];
  readonly steps: StepResult[] = [];
  readonly facts: FactAnswer[] = [];
  readonly failures: string[] = [];
  /** Address of the artifact that the clusters read beside Git or instead of it, once one is published. */
  artifact: string | undefined;
  readonly #options: WorldOptions;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.repo = options.repo;
    this.generation = options.generation;
  }

  get log() {
    return this.#options.log;
  }

  /** Scratch folder of this scenario. */
  get dir() {
    return this.#options.dir;
  }

  /** What the bench started, and starts more with. */
  get processes() {
    return this.#options.processes;
  }

  /** The registry of the bench, which may be made to fail. */
  get registry() {
    return this.#options.registry;
  }

  /** The Git server of the bench. Throws where the registry stands in for it. */
  get git(): GitServer {
    if (!this.#options.git) throw new Error("no Git server of its own");
    return this.#options.git;
  }

  /** Environment in which registries and other hosts are those of the bench. */
  get outside(): Record<string, string> {
    const { registry, pki } = this.#options;
    return { HTTPS_PROXY: registry.url, NO_PROXY: "127.0.0.1,localhost", SSL_CERT_FILE: pki.caFile };
  }

  /** Path of the administrator's kubeconfig. */
  kubeconfig(cluster = this.clusters[0]!): string {
    return join(this.dir, cluster.name, "admin.kubeconfig");
  }

  /** Folder of the operator's module, with the manifests of every Flux release. */
  get operatorDir() {
    return this.#options.operatorDir;
  }

  /** Starts a cluster; its name is the one fluxlift gives it when there are several. */
  async addCluster(name = "default"): Promise<ClusterHandle> {
    const { dir, pki, processes, generation, registry, operatorDir, log } = this.#options;
    const home = join(dir, name);
    const plane = await startControlPlane(home, pki, processes);
    const recorder = new Recorder(plane);
    const controllers = new Controllers({
      dir: home,
      generation,
      plane,
      processes,
      pki,
      proxy: registry.url,
      namespace: "flux-system",
      operatorData: join(operatorDir, "config/data"),
      log: (line) => log(`  ${name}: ${line}`),
    });
    await recorder.start();
    const cluster = { name, plane, recorder, controllers, accepted: new Map<string, string>() };
    this.clusters.push(cluster);
    return cluster;
  }

  async close(): Promise<void> {
    for (const { controllers, recorder, plane } of this.clusters) {
      await controllers.stop();
      await recorder.stop();
      await plane.stop();
    }
  }

  install(options: Partial<InstallOptions> = {}): KubeObject[] {
    const { operatorDir, generation } = this.#options;
    return installObjects({ operatorDir, version: generation.flux, components: CORE, ...options });
  }

  /** Applies objects as `flux install` or a person with kubectl would, CRDs and Namespaces first. */
  async apply(objects: KubeObject[], cluster = this.clusters[0]!, manager = "flux"): Promise<void> {
    const early = (one: KubeObject) => one.kind === "CustomResourceDefinition" || one.kind === "Namespace";
    for (const object of objects.filter(early)) await cluster.plane.kube.apply(object, manager);
    for (const crd of objects.filter((one) => one.kind === "CustomResourceDefinition")) {
      await until(
        `CRD ${crd.metadata.name} is served`,
        30,
        async () => {
          const live = await cluster.plane.kube.get("CustomResourceDefinition", undefined, crd.metadata.name);
          return live !== undefined && condition(live, "Established")?.status === "True";
        },
        100,
      );
    }
    for (const object of objects.filter((one) => !early(one))) {
      await until(
        `${object.kind} ${object.metadata.name} is applied`,
        30,
        () => cluster.plane.kube.apply(object, manager),
        500,
      );
    }
  }

  /**
   * Pushes what is committed and lets the controllers start from there; no prediction is made for it. With `tolerant`, the
   * longest wait in seconds, what is not Ready then is noted and may stay so. `objects` are installed in place of what
   * `flux install` prints.
   */
  async bootstrap(
    sync: KubeObject[],
    options: Partial<InstallOptions> & { objects?: KubeObject[]; extra?: KubeObject[]; tolerant?: number } = {},
    cluster = this.clusters[0]!,
  ) {
    const { objects, extra = [], tolerant, ...install } = options;
    this.repo.push();
    await this.apply(objects ?? this.install(install), cluster);
    await this.apply(extra, cluster, "kubectl");
    cluster.controllers.start();
    await this.apply(sync, cluster);
    const settled = await this.takeStock(cluster, tolerant);
    if (tolerant === undefined && (settled.notReady.length > 0 || settled.timedOut)) {
      throw new Error(`the old state does not become Ready: ${JSON.stringify(settled)}`);
    }
    const root = await cluster.plane.kube.list("Kustomization", "kustomize.toolkit.fluxcd.io");
    if (root.length === 0) throw new Error("the old state has no FluxKustomization");
    this.log(`  ${cluster.name}: the old state is at rest after ${settled.seconds} s`);
  }

  /** Notes what is not Ready when a cluster comes to rest, and may stay so. */
  async takeStock(cluster: ClusterHandle, limit?: number): Promise<Settled> {
    const { accepted, name, plane, recorder } = cluster;
    const settled = await settle(plane.kube, recorder, this.#commit(), limit);
    accepted.clear();
    for (const { object, reason, message } of settled.notReady) {
      accepted.set(object, `${reason}: ${message}`);
      this.log(`    ${name}: not Ready in the old state: ${object} ${reason} ${message.slice(0, 200)}`);
    }
    return settled;
  }

  /** A change made by hand: `verify` predicts, then it is merged. */
  async change(name: string, edit: () => void | Promise<void>, options: StepOptions = {}): Promise<StepResult> {
    for (const cluster of this.clusters) await this.#waitForInstance(cluster, false);
    const base = this.repo.head();
    if (options.from) this.repo.git("checkout", "-q", "-B", "change", options.from);
    await edit();
    const head = this.repo.commit(name);
    const ran = fluxlift(this.repo.dir, ["verify", "--base", base, "--head", head, "--format", "json"]);
    if (ran.status === 2) this.failures.push(`${name}: verify failed: ${ran.stderr.trim()}`);
    const report =
      ran.status === 2
        ? { verdict: "failed", safe: false, clusters: [], findings: [] }
        : (JSON.parse(ran.stdout) as VerifyJson);
    if (options.from) {
      this.repo.git("checkout", "-q", "main");
      this.repo.git("merge", "-q", "--no-edit", "change");
    }
    const result = await this.#step(
      name,
      "verify",
      (cluster) => readPrediction(report.clusters, report.findings, report.safe, cluster),
      options,
      report.safe,
    );
    result.verdict = report.verdict;
    return result;
  }

  /** A phase of fluxlift: its plan predicts, then it is written, committed and merged. */
  async phase(phase: string, args: string[] = [], options: StepOptions = {}): Promise<StepResult | undefined> {
    const name = options.name ?? `${phase}${args.length > 0 ? ` ${args.join(" ")}` : ""}`;
    if (phase !== "install") for (const cluster of this.clusters) await this.#waitForInstance(cluster, true);
    const planned = this.plan(phase, args);
    const before = this.repo.head();
    const wrote = fluxlift(this.repo.dir, ["migrate", "--phase", phase, ...args, "--yes", "--commit"]);
    if (this.repo.head() === before) {
      this.failures.push(`${name}: fluxlift wrote nothing (exit ${wrote.status}): ${wrote.stderr.trim().slice(-800)}`);
      return undefined;
    }
    const clusters = planned?.phases.flatMap((one) => one.clusters) ?? [];
    const findings = [...(planned?.findings ?? []), ...clusters.flatMap((one) => one.findings)];
    return await this.#step(
      name,
      "plan",
      (cluster) => readPrediction(clusters, findings, true, cluster),
      options,
      true,
    );
  }

  /**
   * What the runbook demands before every later phase; without it nobody may go on, and neither does a scenario. A change
   * by hand takes an instance that failed for what it is, but waits for one that is still at work.
   */
  async #waitForInstance({ name, plane }: ClusterHandle, mustBeReady: boolean): Promise<void> {
    if ((await plane.kube.list("FluxInstance")).length === 0) return;
    await until(`FluxInstance of ${name} is Ready`, 600, async () => {
      const live = await plane.kube.get("FluxInstance", "flux-system", "flux");
      const ready = live && condition(live, "Ready");
      if (!ready || ready.observedGeneration !== live?.metadata.generation) return false;
      return ready.status === "True" || (!mustBeReady && ready.status === "False");
    });
  }

  plan(phase: string, args: string[] = []): PlanJson | undefined {
    const ran = fluxlift(this.repo.dir, ["plan", "--phase", phase, ...args, "--format", "json"]);
    if (ran.status === 2) {
      this.failures.push(`plan ${phase} failed: ${ran.stderr.trim()}`);
      return undefined;
    }
    return JSON.parse(ran.stdout) as PlanJson;
  }

  /** Runs fluxlift and expects it to refuse with a blocker of this rule. */
  refuses(phase: string, args: string[], rule: RegExp): void {
    const head = this.repo.head();
    const planned =
      fluxlift(this.repo.dir, ["plan", "--phase", phase, ...args]).status === 2 ? undefined : this.plan(phase, args);
    const wrote = fluxlift(this.repo.dir, ["migrate", "--phase", phase, ...args, "--yes"]);
    const findings = [
      ...(planned?.findings ?? []),
      ...(planned?.phases ?? []).flatMap((one) => one.clusters.flatMap((c) => c.findings)),
    ];
    const blockers = findings.filter((one) => one.level === "blocker").map((one) => one.rule);
    this.expect(
      wrote.status !== 0 && (planned === undefined || blockers.some((one) => rule.test(one))),
      `${phase} ${args.join(" ")} is refused (${rule}); blockers: ${blockers.join(", ") || "none"}; ${wrote.stderr.trim().slice(-300)}`,
    );
    this.expect(
      this.repo.head() === head && this.repo.git("status", "--porcelain") === "",
      `${phase} ${args.join(" ")} leaves the tree alone`,
    );
  }

  /** Runs preflight.sh of a phase against the live cluster and plans with its answers; returns the `facts-` findings. */
  preflight(phase: string, cluster = this.clusters[0]!, args: string[] = []): string[] {
    const answer = runPreflight({
      repo: this.repo.dir,
      dir: this.dir,
      phase,
      args,
      kubectl: this.binary("kubectl"),
      kubeconfig: this.kubeconfig(cluster),
      ...(this.clusters.length > 1 ? { cluster: cluster.name } : {}),
    });
    if (answer.failure) this.failures.push(answer.failure);
    return answer.findings;
  }

  /**
   * `preflight`, and what the runbook says where an object was written back while the operator took over: the operator
   * is asked to reconcile, and everything is measured again.
   */
  async preflightAdopted(phase: string, cluster = this.clusters[0]!, args: string[] = []): Promise<string[]> {
    const findings = this.preflight(phase, cluster, args);
    if (!findings.some((one) => one.startsWith("blocker facts-not-adopted"))) return findings;
    for (const one of findings) this.log(`    preflight: ${one}; the operator is asked to reconcile`);
    const { kube } = cluster.plane;
    const asked = Date.now();
    await poke(kube, await kube.list("FluxInstance"));
    await until("the FluxInstance has reconciled", 300, async () => {
      const live = await kube.get("FluxInstance", "flux-system", "flux");
      const handled = Date.parse(String(live?.status?.lastHandledReconcileAt ?? ""));
      return handled >= asked - 1000 && condition(live!, "Ready")?.status === "True";
    });
    return this.preflight(phase, cluster, args);
  }

  fluxlift(...args: string[]): Ran {
    return fluxlift(this.repo.dir, args);
  }

  /** Path of the binary that stands for a controller in this generation, or of a part of the control plane. */
  binary(name: string): string {
    const component = [...this.generation.components, ...CONTROL_PLANE].find((one) => one.name === name);
    if (!component) throw new Error(`no component ${name}`);
    return binaryPath(component);
  }

  /** What the processes of a controller have written so far, in every scenario of this run. */
  logOf(name: string): string {
    return this.#options.processes.read(name);
  }

  /** Runs preflight.sh, plans with what it measured, and expects nothing that speaks against the phase. */
  measure(phase: string, args: string[] = []): void {
    const findings = this.preflight(phase, this.clusters[0]!, args);
    for (const finding of findings) this.log(`    preflight: ${finding}`);
    const against = findings.filter((one) => !one.startsWith("info"));
    this.expect(against.length === 0, `preflight before ${phase} says: ${against.join("; ")}`);
  }

  /** Whether a phase has anything to write. */
  pending(phase: string, args: string[] = []): boolean {
    return this.plan(phase, args)?.phases.some((one) => one.clusters.some(({ edits }) => edits.length > 0)) ?? false;
  }

  write(files: Files): void {
    this.repo.write(files);
  }

  expect(holds: boolean, what: string): void {
    if (holds) return;
    this.failures.push(what);
    this.log(`  NOT AS EXPECTED: ${what}`);
  }

  /** Answers one fact of docs/flux-facts.md from what was seen. */
  fact(id: string, statement: string, holds: FactAnswer["holds"], seen: string): void {
    this.facts.push({ id, statement, holds, seen });
  }

  async live(
    kind: string,
    namespace: string | undefined,
    name: string,
    cluster = this.clusters[0]!,
  ): Promise<KubeObject | undefined> {
    return await cluster.plane.kube.get(kind, namespace, name);
  }

  async #step(
    name: string,
    by: StepResult["by"],
    predict: (cluster: string | undefined) => Prediction,
    options: StepOptions,
    safe: boolean,
  ): Promise<StepResult> {
    this.log(`  step ${name}`);
    const before = this.clusters.map(({ recorder }) => {
      recorder.step = name;
      return {
        live: recorder.live(),
        from: recorder.observations.length,
        followers: followersOf(recorder),
        owners: recorder.owners(),
      };
    });
    const carriers = await Promise.all(this.clusters.map(({ plane }, at) => before[at]!.followers(plane.kube)));
    await options.before?.();
    this.repo.push();
    await options.during?.();
    const result: StepResult = { name, by, safe, clusters: [] };
    for (const [at, cluster] of this.clusters.entries()) {
      const { recorder } = cluster;
      let settled = await this.#settle(cluster, options);
      if (options.after) {
        await options.after(cluster);
        settled = await this.#settle(cluster, options);
      }
      const prediction = predict(this.clusters.length > 1 ? cluster.name : undefined);
      // What stays applies again at its next interval, which nobody here waits for.
      const live = recorder.live();
      if (!settled.timedOut && [...before[at]!.live].some((key) => prediction.recreated.has(key) && !live.has(key))) {
        await poke(cluster.plane.kube, await cluster.plane.kube.list("Kustomization", "kustomize.toolkit.fluxcd.io"));
        settled = await this.#settle(cluster, options);
      }
      recorder.endStep();
      const observations = recorder.observations.slice(before[at]!.from);
      const comparison = compare(
        prediction,
        sightOf(before[at]!.live, before[at]!.owners, observations, recorder),
        carriers[at]!,
      );
      result.clusters.push({
        cluster: cluster.name,
        blockers: prediction.blockers,
        named: Object.fromEntries(prediction.named),
        ...comparison,
        observations,
        settled,
        notReadyFor: Object.fromEntries(recorder.notReady.get(name) ?? []),
      });
      this.#judge(name, cluster, comparison, settled, options);
    }
    this.steps.push(result);
    return result;
  }

  /** What every source of the repository under test has to reach. */
  #commit = () => ({
    commit: this.repo.head(),
    own: this.repo.url,
    ...(this.artifact === undefined ? {} : { artifact: this.artifact }),
  });

  /** Waits until a cluster has followed the newest commit. */
  async rest(cluster: ClusterHandle, limit: number): Promise<Settled> {
    return await this.#settle(cluster, { limit });
  }

  /** A cluster that no longer answers is a sight as well. */
  #settle({ plane, recorder, accepted }: ClusterHandle, { limit = 420 }: StepOptions): Promise<Settled> {
    const awaited = { ...this.#commit(), accepted: new Set(accepted.keys()) };
    return settle(plane.kube, recorder, awaited, limit).catch((error: Error) => ({
      notReady: [{ object: "API server", reason: "Error", message: error.message }],
      seconds: 0,
      timedOut: true,
    }));
  }

  #judge(
    step: string,
    { name: cluster, accepted }: ClusterHandle,
    { losses, alarms }: Comparison,
    settled: Settled,
    options: StepOptions,
  ): void {
    for (const loss of losses) {
      this.log(`    ${cluster}: ${loss.outcome} ${loss.object} (${loss.verdict}; said: ${loss.said})`);
      if (loss.verdict === "false-safe")
        this.failures.push(`${step}: false safe: ${loss.object} was ${loss.outcome}, said: ${loss.said}`);
    }
    for (const { object, said } of alarms) this.log(`    ${cluster}: alarm only: ${object} (${said})`);
    for (const { object, reason, message } of settled.notReady) {
      this.log(`    ${cluster}: not Ready: ${object} ${reason} ${message}`);
      if (!options.expectNotReady?.test(object) && !accepted.has(object))
        this.failures.push(`${step}: ${object} is not Ready: ${reason} ${message}`);
    }
    this.log(`    ${cluster}: at rest after ${settled.seconds} s${settled.timedOut ? " (timed out)" : ""}`);
  }
}
