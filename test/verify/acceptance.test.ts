import { describe, expect, test } from "vitest";
import type { VerifyReport } from "../../src/safety/verify.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { branch, commit, edit, makeTrap, rules, runHere, verifyHere } from "./built.ts";
import { homeTree, ks, kustomization } from "./home-tree.ts";

const BASE = ["--base", "main"];
const TRAILERS = [...BASE, "--accept-trailers"];
const LOST = "Namespace media";
/** The namespace is listed no more, and what lives in it is. */
const HARM = {
  "kubernetes/apps/media/namespace.yaml": undefined,
  "kubernetes/apps/media/kustomization.yaml": kustomization(["player/ks.yaml"]),
};

/** A branch whose last commit does harm and says so in trailers. */
function accepting(...trailers: string[]): string {
  const root = makeRepo(homeTree());
  branch(root, "work");
  const lines = trailers.map((value) => `Fluxlift-Accept: ${value}`);
  commit(root, HARM, `Drop it\n\n${lines.join("\n")}`);
  return root;
}

function commitAs(root: string, name: string, message: string): void {
  git(root, "add", "--all");
  git(
    root,
    "-c",
    "commit.cleanup=verbatim",
    "commit",
    "-q",
    "--allow-empty",
    "--author",
    `${name} <a@example.invalid>`,
    "-m",
    message,
  );
}

const accepted = (report: VerifyReport) =>
  report.clusters
    .flatMap(({ safety }) => safety.dangers)
    .filter((one) => one.accepted)
    .map(({ resource, acceptedBy }) => `${resource} ${acceptedBy!.how}`)
    .sort();

describe("--accept", () => {
  test("settles what it names and what goes with that, and says that it did", async () => {
    const root = accepting();
    expect(await verifyHere(root, BASE)).toMatchObject({ code: 1, report: { verdict: "unsafe" } });
    const { code, report } = await verifyHere(root, [...BASE, "--accept", LOST]);
    expect([code, report.verdict, report.safe]).toEqual([0, "deletes", false]);
    expect(accepted(report)).toEqual([
      "HelmRelease media/player flag",
      `${LOST} flag`,
      "PersistentVolumeClaim media/player flag",
    ]);
    const text = (await runHere(root, ["verify", ...BASE, "--accept", LOST])).out;
    expect(text).toContain(`${LOST} is deleted (accepted with --accept)`);
    expect(text).toMatch(/deletes on purpose {2}3 objects go: .*; 3 accepted with --accept\n$/);
  });

  test("may say that it is the loss that is taken, or what is not known", async () => {
    const root = accepting();
    expect((await verifyHere(root, [...BASE, "--accept", `deletes ${LOST}`])).report.verdict).toBe("deletes");
    const other = (await verifyHere(root, [...BASE, "--accept", `unknown ${LOST}`])).report;
    expect([other.verdict, rules(other).includes("acceptance-idle")]).toEqual(["unsafe", true]);
  });

  test("that matches nothing is said, and settles nothing", async () => {
    const { code, report } = await verifyHere(accepting(), [...BASE, "--accept", "Namespace meda"]);
    expect([code, report.verdict]).toEqual([1, "unsafe"]);
    const finding = report.findings.find(({ rule }) => rule === "acceptance-idle")!;
    expect(finding).toMatchObject({ level: "caution" });
    expect(finding.what).toBe(
      "--accept accepts 'Namespace meda', and nothing of that name goes or cannot be read by this change.",
    );
  });
});

describe("a trailer", () => {
  test("does not count unless it is asked for, and that is said", async () => {
    const { code, report } = await verifyHere(accepting(`deletes ${LOST}`), BASE);
    expect([code, report.verdict]).toEqual([1, "unsafe"]);
    const note = report.findings.find(({ rule }) => rule === "acceptance-not-counted")!;
    expect(note.level).toBe("info");
    expect(note.what).toContain(`'deletes ${LOST}' (by Test in `);
  });

  test("settles what it names, and the report says who wrote it", async () => {
    const root = accepting(`deletes ${LOST}`);
    const { code, report } = await verifyHere(root, TRAILERS);
    expect([code, report.verdict]).toEqual([0, "deletes"]);
    const head = git(root, "rev-parse", "HEAD").trim();
    const by = { how: "trailer", commit: head, author: "Test" };
    expect(report.clusters[0]!.safety.dangers.find(({ resource }) => resource === LOST)!.acceptedBy).toEqual(by);
    const says = `accepted by Test in ${head.slice(0, 7)}`;
    expect((await runHere(root, ["verify", ...TRAILERS])).out).toContain(`3 ${says}\n`);
    const markdown = (await runHere(root, ["verify", ...TRAILERS, "--format", "markdown"])).out;
    expect(markdown).toContain(`| ${says} | \`${LOST}\``);
    expect(report.findings.map(({ why }) => why).join()).toContain(`It was ${says}.`);
  });

  test.each([
    ["a name that does not go", `deletes Namespace games`, "nothing of that name goes by this change"],
    ["another kind of thing", `unknown ${LOST}`, "nothing of that name cannot be read by this change"],
    ["no verb", LOST, "it does not read 'deletes Kind namespace/name'"],
    ["nothing at all", "everything", "it does not read 'deletes Kind namespace/name'"],
    ["a kind alone", "deletes Namespace", "it does not read 'deletes Kind namespace/name'"],
  ])("with %s settles nothing, and is said", async (_name, value, because) => {
    const { code, report } = await verifyHere(accepting(value), TRAILERS);
    expect([code, report.verdict, accepted(report)]).toEqual([1, "unsafe", []]);
    const finding = report.findings.find(({ rule }) => rule === "acceptance-idle")!;
    expect(finding.what).toContain(because);
    expect(finding.what).toContain("The trailer by Test in ");
  });

  test("may stand in any commit of the change, in any case, several times, over several lines", async () => {
    const root = makeRepo(homeTree());
    branch(root, "work");
    commit(
      root,
      {},
      `Begin\n\nfluxlift-accept: deletes\n  ${LOST}\nFluxlift-Accept: deletes HelmRelease media/gone, deletes Pod a/b\nSigned-off-by: Me`,
    );
    commit(root, HARM);
    const { report } = await verifyHere(root, TRAILERS);
    expect(report.verdict).toBe("deletes");
    expect(report.findings.filter(({ rule }) => rule === "acceptance-idle")).toHaveLength(2);
  });

  test("counts in no commit that the base holds, and in no text that is no trailer", async () => {
    const root = makeRepo(homeTree());
    commitAll(root, `Main says so\n\nFluxlift-Accept: deletes ${LOST}`);
    branch(root, "work");
    commit(root, HARM, `Quoted\n\nFluxlift-Accept: deletes ${LOST}\n\nThat was the old message.`);
    const { code, report } = await verifyHere(root, TRAILERS);
    expect([code, report.verdict, rules(report).includes("acceptance-idle")]).toEqual([1, "unsafe", false]);
  });

  test("counts for what is not committed as well", async () => {
    const root = makeRepo(homeTree());
    branch(root, "work");
    commitAll(root, `Announce\n\nFluxlift-Accept: deletes ${LOST}`);
    edit(root, HARM);
    expect((await verifyHere(root, [...TRAILERS, "--head", "WORKTREE"])).report.verdict).toBe("deletes");
  });

  test("settles what is not known, where it says that", async () => {
    const listing = "kubernetes/apps/media/player/app/kustomization.yaml";
    const remote = (ref: string) =>
      kustomization(["helmrelease.yaml", "pvc.yaml", `https://github.com/example/base//deploy?ref=${ref}`]);
    const root = makeRepo({ ...homeTree(), [listing]: remote("v1") });
    branch(root, "work");
    commit(root, { [listing]: remote("v2") }, "Bump\n\nFluxlift-Accept: unknown Kustomization flux-system/player");
    expect(await verifyHere(root, BASE)).toMatchObject({ code: 1, report: { verdict: "unproven" } });
    const { code, report } = await verifyHere(root, TRAILERS);
    expect([code, report.verdict]).toEqual([0, "deletes"]);
    expect(report.clusters[0]!.safety.unknown[0]).toMatchObject({ accepted: true, acceptedBy: { how: "trailer" } });
    expect((await runHere(root, ["verify", ...TRAILERS])).out).toContain("(accepted by Test in ");
  });

  test("of an author with a hostile name shows as text", async () => {
    const root = makeRepo(homeTree());
    branch(root, "work");
    edit(root, HARM);
    const name = "@everyone `x` | **b** <img src=x> [a](b)\u001b[31m\u202e ::error:: #12";
    commitAs(root, name, `Drop it\n\nFluxlift-Accept: deletes ${LOST}`);
    const json = await verifyHere(root, TRAILERS);
    expect(json.report.verdict).toBe("deletes");
    const text = (await runHere(root, ["verify", ...TRAILERS])).out;
    const markdown = (await runHere(root, ["verify", ...TRAILERS, "--format", "markdown"])).out;
    for (const out of [json.out, text, markdown]) {
      expect([out.includes("\u001b"), out.includes("\u202e"), /^::/m.test(out)]).toEqual([false, false, false]);
    }
    expect(markdown).toContain("accepted by @\u2060everyone");
    expect(markdown).not.toMatch(/(?<!\\)<img|(?<!\\)\*b|(?<!\\)\[a/);
    const row = markdown.split("\n").find((line) => line.includes(`\`${LOST}\``) && line.includes("everyone"))!;
    expect(row.split(/(?<!\\) ?\| ?/)).toHaveLength(6);
  });

  test("is read without starting what the config names", async () => {
    const { command, sprung } = makeTrap();
    const root = accepting(`deletes ${LOST}`);
    const settings = {
      "log.showSignature": "true",
      "gpg.program": command,
      "gpg.ssh.program": command,
      "core.pager": command,
    };
    for (const [key, value] of Object.entries({ ...settings, "trailer.fluxlift-accept.command": command })) {
      git(root, "config", key, value);
    }
    git(root, "config", "i18n.logOutputEncoding", "UTF-16");
    git(root, "config", "format.pretty", "raw");
    expect((await verifyHere(root, TRAILERS)).report.verdict).toBe("deletes");
    expect(sprung()).toEqual([]);
  });
});

test("who reads only the last line learns what goes, and who took it", async () => {
  const root = makeRepo(homeTree());
  branch(root, "work");
  writeFiles(root, {
    "kubernetes/apps/games/chess/ks.yaml": ks("chess", "kubernetes/apps/games/chess/app", ["targetNamespace: games"]),
  });
  commit(root, {
    "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]),
    "kubernetes/apps/media/player": undefined,
  });
  const last = async (...args: string[]) =>
    (await runHere(root, ["verify", ...BASE, ...args])).out.trimEnd().split("\n").at(-1);
  const names = "HelmRelease media/player, Kustomization flux-system/player, PersistentVolumeClaim media/player";
  expect(await last()).toMatch(/^- deletes on purpose {2}3 objects go: .*; each taken out by this change$/);
  for (const name of names.split(", ")) expect(await last()).toContain(name);
  expect(await last("--accept", "PersistentVolumeClaim media/player")).toMatch(
    /; 2 taken out by this change, 1 accepted with --accept$/,
  );
});
