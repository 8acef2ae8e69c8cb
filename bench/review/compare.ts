import { type Files, type Look, lookAt, objectsIn, valuesOf } from "./look.ts";

export const QUESTIONS = ["folder", "file", "kustomization", "values"] as const;
export type Question = (typeof QUESTIONS)[number];

/** Whose choice an answer of fluxlift is. */
export type Agreement = "owner" | "apps" | "neither" | "not written";

export interface Answer {
  app: Look["app"];
  question: Question;
  ours: string[];
  owner: string[];
  /** What most other apps of the tree do, in the words of `shape`. */
  apps: string | undefined;
  agreement: Agreement;
}

const basename = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const dirname = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** A choice without the name of the app: `apps/media/redis/app` of `redis` is `<app>/app`. */
function shape(question: Question, value: string, app: string): string {
  if (question !== "folder") return value.replaceAll(app, "<app>");
  const parts = value.split("/");
  const at = parts.lastIndexOf(app);
  return at < 0 ? basename(value) : parts.slice(at).join("/").replace(app, "<app>");
}

/** Names of the releases in a tree's helmfiles: apps that are installed before Flux runs, as operator and instance are. */
function startedFirst(before: Files): Set<string> {
  const helmfiles = [...before].filter(([path]) => /(^|\/)helmfile[^/]*\.ya?ml/.test(path));
  const names = helmfiles.flatMap(([, text]) => [...text.matchAll(/^\s*- name: *["']?([\w.-]+)/gm)]);
  return new Set(names.map(([, name]) => name!));
}

/** What most apps that were there before do; where values live, what most of those do that start before Flux. */
export function habitsOf(before: Files): Record<Question, string | undefined> {
  const objects = objectsIn(before, (text) => text.includes("toolkit.fluxcd.io"));
  const tally = new Map<Question, Map<string, number>>(QUESTIONS.map((question) => [question, new Map()]));
  const started = startedFirst(before);
  const hasStarted =
    objects.filter(({ data }) => data.kind === "HelmRelease" && started.has(data.metadata?.name)).length > 1;
  const vote = (question: Question, value: string) => {
    const counts = tally.get(question)!;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  };
  for (const { file, data } of objects) {
    const name = String(data.metadata?.name);
    if (data.kind === "HelmRelease") {
      vote("file", shape("file", basename(file), name));
      vote("folder", shape("folder", dirname(file), name));
      if (!hasStarted || started.has(name)) vote("values", valuesOf(before, dirname(file), data));
    } else if (String(data.apiVersion).startsWith("kustomize.toolkit.fluxcd.io/")) {
      const app = basename(dirname(file));
      if (name.includes(app)) vote("kustomization", name.replace(app, "<app>"));
    }
  }
  const best = (question: Question) => [...tally.get(question)!].sort(([, a], [, b]) => b - a)[0]?.[0];
  return Object.fromEntries(QUESTIONS.map((question) => [question, best(question)])) as never;
}

/** Compares what fluxlift wrote with what the owner did, and with the other apps of the tree. */
export function compareLooks(before: Files, ours: Files, owner: Files): Answer[] {
  const habits = habitsOf(before);
  // What stood there before is nobody's choice of today.
  const there = new Set(lookAt(before).map((look) => JSON.stringify(look)));
  const own = lookAt(ours).filter((look) => !there.has(JSON.stringify(look)));
  const theirs = lookAt(owner);
  return (["flux-operator", "flux-instance"] as const).flatMap((app) =>
    QUESTIONS.map((question): Answer => {
      const answers = (looks: readonly Look[]) => [
        ...new Set(
          looks
            .filter((look) => look.app === app && (question !== "values" || look.values !== "none"))
            .map((look) => look[question] ?? "none of its own"),
        ),
      ];
      const [mine, other] = [answers(own).sort(), answers(theirs).sort()];
      const apps = habits[question];
      const isApps = apps !== undefined && mine.every((value) => shape(question, value, app) === apps);
      const isOwner = mine.every((value) => other.includes(value));
      const agreement = mine.length === 0 ? "not written" : isOwner ? "owner" : isApps ? "apps" : "neither";
      return { app, question, ours: mine, owner: other, apps, agreement };
    }),
  );
}
