import { describe, expect, test } from "vitest";
import { kustomization, object } from "../home-tree.ts";
import { chartTree, inFlux, inShort, REPOS, says } from "./tree.ts";

const NOTIFY = `${REPOS}/notify.yaml`;
const receiver = inFlux("Receiver", "hook", "notification.toolkit.fluxcd.io/v1", [
  "  type: github",
  "  resources: [{kind: HelmRepository, name: spare-charts}]",
]);
const alert = inFlux("Alert", "chat", "notification.toolkit.fluxcd.io/v1beta3", [
  "  eventSources: [{kind: HelmRepository, name: spare-charts}]",
]);

test.each([
  [receiver, "its webhook wakes nothing by that name, and answers with an error"],
  [alert, "it says nothing of that any more"],
])("what a webhook or an alert names and goes costs no more than that", (text, effect) => {
  const tree = {
    ...chartTree(),
    [NOTIFY]: text,
    [`${REPOS}/kustomization.yaml`]: kustomization(["bjw.yaml", "spare.yaml", "notify.yaml"]),
  };
  const { findings } = says(tree, {
    [`${REPOS}/spare.yaml`]: undefined,
    [`${REPOS}/kustomization.yaml`]: kustomization(["bjw.yaml", "notify.yaml"]),
  });
  const broken = findings.filter(({ rule }) => rule === "reference-breaks").map(({ what }) => what);
  expect(broken).toEqual([expect.stringContaining(effect)]);
});

describe("the type of a Provider", () => {
  const provider = (type: string, ...more: string[]) =>
    inFlux("Provider", "chat", "notification.toolkit.fluxcd.io/v1beta3", [
      `  type: ${type}`,
      "  secretRef: {name: chat}",
      ...more,
    ]);
  const secret = (keys: string) =>
    object("Secret", "chat", "v1", ["  namespace: flux-system", `stringData: {${keys}}`]);
  const tree = (text: string, made = "") => ({
    ...chartTree(),
    [NOTIFY]: made + text,
    [`${REPOS}/kustomization.yaml`]: kustomization(["bjw.yaml", "spare.yaml", "notify.yaml"]),
  });
  const BREAKS = "unsafe | login-mismatch Provider flux-system/chat";
  const go = (from: string, to: string, keys: string) =>
    inShort(tree(from, secret(keys)), { [NOTIFY]: secret(keys) + to });

  test("that wants keys which its Secret does not have", () => {
    expect(go(provider("github"), provider("slack"), "token: x")).toBe(BREAKS);
    expect(go(provider("slack"), provider("telegram"), "address: x")).toBe(BREAKS);
    expect(go(provider("github"), provider("zulip"), "token: x")).toBe(BREAKS);
    const emptied = { [NOTIFY]: secret("address: x") + provider("github") };
    expect(inShort(tree(provider("github"), secret("token: x")), emptied)).toBe(BREAKS);
  });

  test("that finds what it needs is nothing to tell", () => {
    expect(go(provider("github"), provider("gitea"), "token: x")).toBe("safe");
    expect(go(provider("github"), provider("slack", "  address: https://chat.example.invalid"), "token: x")).toBe(
      "safe",
    );
    expect(go(provider("github"), provider("alertmanager", "  address: http://alerts.monitoring"), "token: x")).toBe(
      "safe",
    );
    expect(go(provider("github"), provider("gitea"), "other: x")).toBe("safe");
    expect(go(provider("slack"), provider("github"), "githubAppID: x")).toBe("safe");
  });

  test("that wants a token and names no Secret", () => {
    const bare = (type: string) => provider(type).replace("  secretRef: {name: chat}\n", "");
    const alerts = `${bare("alertmanager").trimEnd()}\n  address: http://alerts.monitoring\n`;
    expect(inShort(tree(alerts), { [NOTIFY]: bare("github") })).toBe(BREAKS);
    expect(inShort(tree(provider("gitlab")), { [NOTIFY]: bare("gitlab") })).toBe(BREAKS);
    expect(inShort(tree(""), { [NOTIFY]: bare("gitea") })).toBe(BREAKS);
    expect(inShort(tree(bare("github")), { [NOTIFY]: bare("gitea") })).toBe("safe");
    expect(inShort(tree(""), { [NOTIFY]: bare("slack") })).toBe(BREAKS);
    expect(inShort(tree(""), { [NOTIFY]: bare("azuredevops") })).toBe("safe");
  });

  test("whose Secret is not in Git cannot be judged where it wants other keys", () => {
    const to = (type: string) => inShort(tree(provider("slack")), { [NOTIFY]: provider(type) });
    expect(to("telegram")).toBe("unproven | safety-unknown Provider flux-system/chat");
    expect(to("discord")).toBe("safe");
  });
});
