import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import { type Files, judge } from "../judge.ts";
import { CHESS_APP, inShort, PLAYER_APP, says } from "./tree.ts";

const [LIST, WEB] = ["kustomization", "web"].map((name) => `${PLAYER_APP}/${name}.yaml`) as [string, string];
const service = (name: string, spec: string) => object("Service", name, "v1", [`spec: {${spec}}`]);
const onNode = (name: string, port = 30080, type = "NodePort") =>
  service(name, `type: ${type}, ports: [{port: 80, nodePort: ${port}}]`);
const atAddress = (name: string, address: string) => service(name, `clusterIP: ${address}, ports: [{port: 80}]`);
const tree = (text: string): Files => ({
  ...homeTree(),
  [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "web.yaml"]),
  [WEB]: text,
});
const REFUSED = "object-refused Service media/web-two";

describe("a port of the nodes, or a fixed address, that another Service has", () => {
  test("a second Service that asks for it is refused", () => {
    expect(inShort(tree(onNode("web")), { [WEB]: onNode("web") + onNode("web-two") })).toBe(`unsafe | ${REFUSED}`);
    const balanced = onNode("web") + onNode("web-two", 30080, "LoadBalancer");
    expect(inShort(tree(onNode("web")), { [WEB]: balanced })).toBe(`unsafe | ${REFUSED}`);
    const address = atAddress("web", "10.0.0.9");
    expect(inShort(tree(address), { [WEB]: address + atAddress("web-two", "10.0.0.9") })).toBe(`unsafe | ${REFUSED}`);
  });

  test("one that the API server does not give out by itself is refused, unless a Service has such a one already", () => {
    const asks = "unproven | safety-unknown Service media/web";
    expect(inShort(tree(onNode("web")), { [WEB]: onNode("web", 8080) })).toBe(asks);
    expect(inShort(tree(onNode("web")), { [WEB]: onNode("web", 32768) })).toBe(asks);
    expect(inShort(tree(onNode("web")), { [WEB]: onNode("web", 32767) })).toBe("safe");
    expect(inShort(tree(onNode("web", 8080)), { [WEB]: onNode("web", 8081) })).toBe("safe");
    const far = {
      ...tree(onNode("web")),
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "web.yaml"]),
      [`${CHESS_APP}/web.yaml`]: onNode("chess", 443),
    };
    expect(inShort(far, { [WEB]: onNode("web", 8080) })).toBe("safe");
  });

  test("so it is in another namespace and Kustomization, which need not be part of the change", () => {
    const far = {
      ...tree(""),
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "web.yaml"]),
      [`${CHESS_APP}/web.yaml`]: onNode("chess"),
    };
    const { verdict, findings } = says(far, { [WEB]: onNode("web-two") });
    expect(verdict).toBe("unsafe");
    expect(findings[0]!.what).toBe(
      "Service media/web-two asks for port 30080 of the nodes, which Service games/chess has: the API server refuses it, and Flux then applies nothing more of Kustomization flux-system/player.",
    );
  });

  test("a Service that is renamed waits for the old one, which goes only once the new one is there", () => {
    for (const [from, to] of [
      [onNode("web"), onNode("web-two")],
      [atAddress("web", "10.0.0.9"), atAddress("web-two", "10.0.0.9")],
    ] as const) {
      const { blockers, findings } = judge(tree(from), { [WEB]: to });
      expect(blockers).toEqual(["object-refused"]);
      expect(findings.find(({ rule }) => rule === "object-refused")!.what).toContain("has as long as it is there");
    }
  });

  test("so does one that takes it over, as Flux tries both before it applies the first", () => {
    const plain = (name: string) => service(name, "type: NodePort, ports: [{port: 80}]");
    const swap = (a: number, b: number) => onNode("web", a) + onNode("web-two", b);
    for (const [from, to] of [
      [onNode("web") + plain("web-two"), plain("web") + onNode("web-two")],
      [onNode("web"), service("web", "ports: [{port: 80}]") + onNode("web-two")],
      [swap(30080, 30081), swap(30081, 30080)],
    ] as const) {
      const { blockers, findings } = judge(tree(from), { [WEB]: to });
      expect(blockers).toEqual(["object-refused"]);
      expect(findings.map(({ what }) => what).join()).toContain("has until this change is applied");
    }
  });

  test("what another Kustomization prunes is free by the next try", () => {
    const parts = { [`${PLAYER_APP}/../parts/web.yaml`.replace("app/../", "")]: onNode("web") };
    const base = {
      ...tree(""),
      ...parts,
      "kubernetes/flux/parts.yaml": ks("parts", "kubernetes/apps/media/player/parts", ["targetNamespace: media"]),
    };
    const edits = { ...Object.fromEntries(Object.keys(parts).map((path) => [path, ""])), [WEB]: onNode("web-two") };
    expect(judge(base, edits).blockers).not.toContain("object-refused");
  });

  test("other ports, no address, a port that is not of the nodes, and what was so before are everyday", () => {
    const first = onNode("web");
    for (const second of [
      onNode("web-two", 30081),
      service("web-two", "ports: [{port: 30080}]"),
      service("web-two", "type: NodePort, ports: [{port: 80}]"),
      atAddress("web-two", "None"),
      onNode("web-two", 30080).replace("30080", "${PORT}"),
    ])
      expect(
        inShort(tree(first + atAddress("none", "None")), { [WEB]: first + atAddress("none", "None") + second }),
      ).not.toContain("object-refused");
    const twice = tree(first + onNode("web-two"));
    expect(inShort(twice, { [WEB]: `${twice[WEB]}# both\n` })).toBe("safe");
  });
});

test("a second default among PriorityClasses is refused", () => {
  const priority = (name: string, isDefault: boolean) =>
    object("PriorityClass", name, "scheduling.k8s.io/v1", ["value: 10", `globalDefault: ${isDefault}`]);
  const more = (isDefault: boolean) => ({ [WEB]: priority("low", true) + priority("next", isDefault) });
  expect(inShort(tree(priority("low", true)), more(true))).toBe("unsafe | object-refused PriorityClass next");
  expect(inShort(tree(priority("low", true)), more(false))).toBe("safe");
});
