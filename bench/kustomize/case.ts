import yaml from "js-yaml";
import { Dice, diceArbitrary } from "./dice.ts";
import { type Body, compact, labels, namespaces, object } from "./objects.ts";
import { jsonOperations, strategic } from "./patches.ts";

/** A tree of files and the folder to build. */
export interface Case {
  files: Record<string, string>;
  folder: string;
}

export const caseArbitrary = diceArbitrary.map((throws) => makeCase(new Dice(throws)));

const print = (value: unknown) => yaml.dump(value, { lineWidth: -1, noRefs: true });

/** What a folder has, as far as those who include it want to patch it. */
interface Folder {
  path: string;
  objects: Body[];
}

class Writer {
  readonly files: Record<string, string> = {};
  readonly #dice: Dice;
  readonly #ids = new Set<string>();

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** Writes resource files below a folder; returns their names and what is in them. */
  resources(dir: string, most: number): { entries: string[]; objects: Body[] } {
    const dice = this.#dice;
    const objects: Body[] = [];
    const entries = dice.some(1, most, (index) => {
      const docs = dice.some(1, 3, () => this.#register(object(dice)));
      objects.push(...docs);
      const file = dice.chance(0.1) ? `sub/r${index}.yaml` : `r${index}.yaml`;
      this.files[`${dir}/${file}`] = this.#printDocs(docs);
      return file;
    });
    return { entries, objects };
  }

  /** Objects mostly have ids of their own. */
  #register(body: Body): Body {
    const metadata = body.metadata as Body;
    const key = () => `${String(body.kind)} ${String(metadata.name)}`;
    while (this.#ids.has(key()) && !this.#dice.chance(0.05)) metadata.name = `${String(metadata.name)}2`;
    this.#ids.add(key());
    return body;
  }

  #printDocs(docs: Body[]): string {
    const dice = this.#dice;
    if (dice.chance(0.05)) {
      const kind = dice.pick(["List", "ConfigMapList"]);
      return print({ apiVersion: "v1", kind, items: dice.chance(0.1) ? null : docs });
    }
    const start = dice.pick(["", "", "---\n", "# comment\n---\n"]);
    const text = start + docs.map(print).join(dice.pick(["---\n", "---\n", "---\n# c\n", "---\n---\n"]));
    if (dice.chance(0.02)) return `${text}---\n`;
    if (dice.chance(0.004)) return text.replace("kind:", "knd:");
    return dice.chance(0.03) ? text.replaceAll("\n", "\r\n") : text;
  }

  folder(path: string, depth: number, kind?: "Component"): Folder {
    const dice = this.#dice;
    const own =
      kind === undefined || dice.chance(0.5) ? this.resources(path, depth > 1 ? 4 : 3) : { entries: [], objects: [] };
    const bases: Folder[] = depth > 1 ? [] : dice.some(0, 2, (index) => this.folder(`${path}/base${index}`, depth + 1));
    const components: Folder[] =
      depth > 1 || dice.chance(0.6) ? [] : [this.folder(`${path}/comp`, depth + 1, "Component")];
    const seen = [...bases.flatMap((base) => base.objects), ...own.objects];
    const data: Body = compact({
      apiVersion: kind ? "kustomize.config.k8s.io/v1alpha1" : dice.maybe(0.8, () => "kustomize.config.k8s.io/v1beta1"),
      kind: kind ?? dice.maybe(0.8, () => "Kustomization"),
      resources: [...own.entries, ...bases.map((base) => base.path.slice(path.length + 1))],
      components: components.length > 0 ? components.map((one) => one.path.slice(path.length + 1)) : undefined,
    });
    this.#settings(data, path, [...seen, ...components.flatMap((one) => one.objects)]);
    if (kind && (data.resources as unknown[]).length === 0) delete data.resources;
    if (Object.keys(data).length < 3 && !dice.chance(0.1)) data.commonAnnotations = { component: "yes" };
    this.files[`${path}/kustomization.yaml`] = print(data);
    return { path, objects: seen };
  }

  #settings(data: Body, dir: string, objects: Body[]): void {
    const dice = this.#dice;
    const generators = {
      configMapGenerator: dice.maybe(0.25, () => dice.some(1, 2, () => this.#generator(dir, objects))),
      secretGenerator: dice.maybe(0.12, () =>
        dice.some(1, 2, () => ({ ...this.#generator(dir, objects), ...(dice.chance(0.2) ? { type: "x/y" } : {}) })),
      ),
      generatorOptions: dice.maybe(0.12, () => this.#generatorOptions()),
    };
    for (const one of [...((generators.configMapGenerator ?? []) as Body[])])
      objects = [
        ...objects,
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: one.name, ...(one.namespace ? { namespace: one.namespace } : {}) },
          data: { k: "v" },
        },
      ];
    Object.assign(
      data,
      compact({
        ...generators,
        patches: dice.maybe(objects.length > 0 ? 0.5 : 0.02, () => dice.some(1, 3, () => this.#patch(dir, objects))),
        patchesStrategicMerge: dice.maybe(objects.length > 0 ? 0.1 : 0.01, () =>
          dice.some(1, 2, (index) => this.#legacyMerge(dir, objects, index)),
        ),
        patchesJson6902: dice.maybe(objects.length > 0 ? 0.08 : 0.01, () =>
          dice.some(1, 2, () => this.#legacyJson(dir, objects)),
        ),
        namespace: dice.maybe(0.25, () => dice.pick(["one", "other", "default"])),
        namePrefix: dice.maybe(0.2, () => dice.pick(["p-", "dev-"])),
        nameSuffix: dice.maybe(0.15, () => "-s"),
        labels: dice.maybe(0.15, () => dice.some(1, 2, () => this.#labels())),
        commonLabels: dice.maybe(0.12, () => labels(dice)),
        commonAnnotations: dice.maybe(0.12, () => ({ note: "n", "example.com/x": dice.pick(["1", "true", "text"]) })),
        images: dice.maybe(0.2, () => dice.some(1, 2, () => this.#image())),
        replicas: dice.maybe(objects.some(({ kind }) => kind === "Deployment") ? 0.12 : 0.005, () => [
          { name: this.#nameOf(objects, ["Deployment", "StatefulSet"]), count: dice.pick([3, 0]) },
        ]),
        replacements: dice.maybe(0.12, () => dice.some(1, 2, () => this.#replacement(dir, objects))),
        buildMetadata: dice.maybe(0.005, () => [
          dice.pick(["originAnnotations", "managedByLabel", "transformerAnnotations"]),
        ]),
        sortOptions: dice.maybe(0.03, () =>
          dice.pick<Body>([{ order: "fifo" }, { order: "legacy" }, { order: "fifo" }, { order: "odd" }]),
        ),
        configurations: dice.maybe(0.05, () => this.#configuration(dir)),
        transformers: dice.maybe(0.05, () => [print(this.#transformer(objects))]),
        vars: dice.maybe(0.005, () => this.#vars(objects)),
      }),
    );
    if (dice.chance(0.004)) data.resource = ["x.yaml"];
    if (dice.chance(0.004)) data.unknownField = true;
    if (dice.chance(0.004)) (data.resources as string[]).push("missing.yaml");
    if (dice.chance(0.004)) (data.resources as string[]).push((data.resources as string[])[0] ?? "x");
    if (dice.chance(0.004)) data.namePrefix = 1;
  }

  #nameOf(objects: Body[], kinds: string[]): unknown {
    const found = objects.filter((one) => kinds.includes(String(one.kind)));
    return found.length > 0 && !this.#dice.chance(0.05) ? (this.#dice.pick(found).metadata as Body).name : "nobody";
  }

  #generator(dir: string, objects: Body[]): Body {
    const dice = this.#dice;
    const write = (name: string, text: string) => {
      if (!dice.chance(0.02)) this.files[`${dir}/${name}`] = text;
      return name;
    };
    const isMerge = objects.some(({ kind }) => kind === "ConfigMap") && dice.chance(0.12);
    return compact({
      name: isMerge ? this.#nameOf(objects, ["ConfigMap", "Secret"]) : this.#freshName(),
      namespace: dice.maybe(0.15, () => dice.pick(namespaces)),
      behavior: isMerge ? dice.pick(["merge", "replace"]) : dice.maybe(0.05, () => dice.pick(["create", "odd"])),
      literals: dice.maybe(0.7, () =>
        dice.some(1, 3, (index) =>
          dice.pick([
            `k${index}=v`,
            `q${index}="quoted"`,
            `e${index}=`,
            `s${index}=a=b`,
            index === 0 ? "k=v" : `k${index}="`,
          ]),
        ),
      ),
      files: dice.maybe(0.3, () => [
        dice.pick([write("app.conf", "x: <&>\n"), `key.txt=${write("other.txt", "text\n")}`]),
      ]),
      envs: dice.maybe(0.2, () => [write("vars.env", "# c\nA=1\nB=two words\n\n  C=3\nD\n")]),
      options: dice.maybe(0.25, () => this.#generatorOptions()),
    });
  }

  #freshName(): string {
    const name = this.#dice.pick(["conf", "gen", "settings", "web"]);
    const used = this.#ids.has(`ConfigMap ${name}`) && !this.#dice.chance(0.06);
    const fresh = used ? `${name}-${this.#ids.size}` : name;
    this.#ids.add(`ConfigMap ${fresh}`);
    return fresh;
  }

  #generatorOptions(): Body {
    const dice = this.#dice;
    return compact({
      disableNameSuffixHash: dice.maybe(0.5, () => dice.chance(0.8)),
      labels: dice.maybe(0.3, () => labels(dice)),
      annotations: dice.maybe(0.3, () => ({ gen: "yes" })),
      immutable: dice.maybe(0.15, () => true),
    });
  }

  #target(body: Body): Body {
    const dice = this.#dice;
    const metadata = body.metadata as Body;
    const [group, version] = String(body.apiVersion).includes("/")
      ? String(body.apiVersion).split("/")
      : ["", String(body.apiVersion)];
    const name = String(metadata.name);
    return compact({
      kind: dice.chance(0.8)
        ? body.kind
        : dice.maybe(0.5, () => dice.pick([`${String(body.kind)}|Service`, ".*", "[", "Deployment"])),
      name: dice.chance(0.6)
        ? dice.chance(0.8)
          ? name
          : dice.pick([".*", `${name}|x`, `${name[0]}.*`, "nothing"])
        : undefined,
      namespace: dice.maybe(0.12, () => metadata.namespace ?? dice.pick(["default", ".*", "one"])),
      group: dice.maybe(0.1, () => group),
      version: dice.maybe(0.1, () => dice.pick([version, "v1", "v.*"])),
      labelSelector: dice.maybe(0.08, () =>
        dice.pick(["app=web", "app in (web, db)", "!tier", "app", "app!=web", "app==", "tier notin (1)", "=="]),
      ),
      annotationSelector: dice.maybe(0.05, () => dice.pick(["note", "note=home", "!note"])),
    });
  }

  #patch(dir: string, objects: Body[]): Body {
    const dice = this.#dice;
    const body = this.#any(objects);
    const isJson = dice.chance(0.4);
    const hasTarget = isJson ? !dice.chance(0.01) : dice.chance(0.4);
    const docs = () =>
      dice.some(1, hasTarget && !dice.chance(0.01) ? 1 : 2, (index) =>
        print(strategic(dice, index === 0 ? body : this.#any(objects), !hasTarget || dice.chance(0.7))),
      );
    const operations = isJson ? jsonOperations(dice, body) : [];
    const text = isJson ? (dice.chance(0.3) ? JSON.stringify(operations) : print(operations)) : docs().join("---\n");
    const file = `patch-${Object.keys(this.files).length}.yaml`;
    const byFile = dice.chance(0.2);
    if (byFile && !dice.chance(0.02)) this.files[`${dir}/${file}`] = text;
    return compact({
      path: byFile ? file : undefined,
      patch: byFile ? undefined : dice.chance(0.01) ? "a: b" : text,
      target: hasTarget ? this.#target(body) : undefined,
      options: dice.maybe(0.06, () =>
        dice.pick<Body>([
          { allowNameChange: true },
          { allowKindChange: true },
          { allowNameChange: true, allowKindChange: true },
        ]),
      ),
    });
  }

  #any(objects: Body[]): Body {
    return objects.length > 0
      ? this.#dice.pick(objects)
      : { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "nobody" } };
  }

  #legacyMerge(dir: string, objects: Body[], index: number): string {
    const text = print(strategic(this.#dice, this.#any(objects), true));
    if (this.#dice.chance(0.5)) return text;
    this.files[`${dir}/smp-${index}.yaml`] = text;
    return `smp-${index}.yaml`;
  }

  #legacyJson(dir: string, objects: Body[]): Body {
    const body = this.#any(objects);
    const [group, version] = String(body.apiVersion).includes("/")
      ? String(body.apiVersion).split("/")
      : [undefined, body.apiVersion];
    const target = compact({ group, version, kind: body.kind, name: (body.metadata as Body).name });
    const text = print(jsonOperations(this.#dice, body));
    if (this.#dice.chance(0.7)) return { target, patch: text };
    this.files[`${dir}/json.yaml`] = text;
    return { target, path: "json.yaml" };
  }

  #labels(): Body {
    const dice = this.#dice;
    return compact({
      pairs: labels(dice),
      includeSelectors: dice.maybe(0.3, () => true),
      includeTemplates: dice.maybe(0.3, () => true),
      fields: dice.maybe(0.15, () => [
        compact({
          path: dice.pick(["spec/labels", "metadata/labels", "spec/template/metadata/labels"]),
          create: dice.maybe(0.6, () => true),
          kind: dice.maybe(0.5, () => dice.pick(["PodMonitor", "Deployment"])),
        }),
      ]),
    });
  }

  #image(): Body {
    const dice = this.#dice;
    return compact({
      name: dice.pick(["nginx", "app", "redis", "ghcr.io/org/app", "localhost:5000/app", "n.*"]),
      newName: dice.maybe(0.4, () => "mirror.example/x"),
      newTag: dice.maybe(0.6, () => dice.pick(["v2", "1.0"])),
      digest: dice.maybe(0.15, () => "sha256:00"),
      tagSuffix: dice.maybe(0.1, () => "-slim"),
    });
  }

  #replacement(dir: string, objects: Body[]): Body {
    const dice = this.#dice;
    const [source, target] = [this.#any(objects), this.#any(objects)];
    const select = (body: Body) =>
      compact({
        kind: body.kind,
        name: dice.maybe(0.8, () => (body.metadata as Body).name),
        namespace: dice.maybe(0.1, () => (body.metadata as Body).namespace),
      });
    const paths = (body: Body) => {
      const there = fieldPaths(body);
      return dice.chance(0.9) && there.length > 0 ? dice.pick(there) : dice.pick(oddFieldPaths);
    };
    const options = () =>
      dice.maybe(0.3, () =>
        compact({
          delimiter: dice.maybe(0.6, () => dice.pick([":", "/"])),
          index: dice.maybe(0.6, () => dice.pick([0, 1, -1, 5])),
          create: dice.maybe(0.6, () => true),
        }),
      );
    const entry = {
      source: compact({
        ...select(source),
        fieldPath: dice.maybe(0.6, () => paths(source)),
        options: dice.maybe(0.1, () => ({ delimiter: ":", index: dice.pick([0, 1]) })),
      }),
      targets: dice.some(1, 2, () =>
        compact({
          select: select(target),
          reject: dice.maybe(0.1, () => [select(this.#any(objects))]),
          fieldPaths: dice.some(1, 2, () => paths(target)),
          options: options(),
        }),
      ),
    };
    if (!dice.chance(0.1)) return entry;
    this.files[`${dir}/replacement.yaml`] = print(dice.chance(0.5) ? entry : [entry]);
    return { path: "replacement.yaml" };
  }

  #configuration(dir: string): string[] {
    const dice = this.#dice;
    this.files[`${dir}/config.yaml`] = print(
      compact({
        nameReference: dice.maybe(0.8, () => [
          {
            kind: dice.pick(["ConfigMap", "Secret"]),
            version: "v1",
            fieldSpecs: [
              {
                path: dice.pick(["spec/valuesFrom/name", "spec/postBuild/substituteFrom/name"]),
                kind: dice.pick(["HelmRelease", "Kustomization"]),
              },
            ],
          },
        ]),
        images: dice.maybe(0.2, () => [{ path: "spec/containers/image", kind: "PodMonitor" }]),
        namespace: dice.maybe(0.1, () => [{ path: "spec/namespace", create: true, kind: "PodMonitor" }]),
        commonLabels: dice.maybe(0.1, () => [{ path: "spec/labels", create: true, kind: "PodMonitor" }]),
        replicas: dice.maybe(0.1, () => [{ path: "spec/replicas", kind: "PodMonitor", create: true }]),
      }),
    );
    return ["config.yaml"];
  }

  #transformer(objects: Body[]): Body {
    const dice = this.#dice;
    const head = (kind: string, namespace?: string) => ({
      apiVersion: "builtin",
      kind,
      metadata: compact({ name: "t", namespace }),
    });
    const body = this.#any(objects);
    return dice.pick<() => Body>([
      () => ({
        ...head("NamespaceTransformer", "moved"),
        ...(dice.chance(0.5) ? { unsetOnly: true } : {}),
        ...(dice.chance(0.3) ? { setRoleBindingSubjects: dice.pick(["none", "allServiceAccounts", "odd"]) } : {}),
        fieldSpecs: dice.chance(0.3) ? [{ path: "metadata/name", kind: "Namespace", create: true }] : [],
      }),
      () => ({ ...head("PrefixTransformer"), prefix: "t-", fieldSpecs: [{ path: "metadata/name" }] }),
      () => ({
        ...head("LabelTransformer"),
        labels: { t: "1" },
        fieldSpecs: [{ path: "metadata/labels", create: true }],
      }),
      () => ({
        ...head("AnnotationsTransformer"),
        annotations: { t: "1" },
        fieldSpecs: [{ path: "metadata/annotations", create: true }],
      }),
      () => ({ ...head("PatchTransformer"), patch: print(jsonOperations(dice, body)), target: { kind: body.kind } }),
      () => ({ ...head("ImageTagTransformer"), imageTag: { name: "nginx", newTag: "t" } }),
      () => ({
        ...head("ReplicaCountTransformer"),
        replica: { name: "web", count: 4 },
        fieldSpecs: [{ path: "spec/replicas", kind: "Deployment", create: true }],
      }),
    ])();
  }

  #vars(objects: Body[]): Body[] {
    const body = this.#any(objects);
    return [
      compact({
        name: "VAR",
        objref: { apiVersion: body.apiVersion, kind: body.kind, name: (body.metadata as Body).name },
        fieldref: this.#dice.maybe(0.5, () => ({ fieldpath: "metadata.namespace" })),
      }),
    ];
  }
}

const oddFieldPaths = [
  "metadata.namespace",
  "metadata.labels.app",
  "metadata.annotations.[example.com/team]",
  "spec.template.spec.containers.[name=app].image",
  "spec.template.spec.containers.*.image",
  "spec.template.spec.containers.5.name",
  "spec.new.field",
  "data.k",
];

/** Paths of the scalars in an object, written as replacements write them. */
function fieldPaths(value: unknown, prefix: readonly string[] = []): string[] {
  if (typeof value !== "object" || value === null) return prefix.length > 0 ? [prefix.join(".")] : [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (!Array.isArray(value)) return fieldPaths(item, [...prefix, key.includes(".") ? `[${key}]` : key]);
    const name = (item as Body | null)?.name;
    return fieldPaths(item, [...prefix, typeof name === "string" ? `[name=${name}]` : key]);
  });
}

function makeCase(dice: Dice): Case {
  const writer = new Writer(dice);
  writer.folder("app", 0);
  return { files: writer.files, folder: "app" };
}
