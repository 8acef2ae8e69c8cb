import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fluxUrlOf,
  hideCredentials,
  parseAddress,
  publicAddress,
  repositoryIdentity,
} from "../../src/contract/address.ts";
import { openGit } from "../../src/files/git.ts";
import { readRemotes } from "../../src/files/revision.ts";
import { hideTokens } from "../../src/report/passwords.ts";
import { git, makeRepo, makeTempDir, writeFiles } from "../support/repo.ts";
import { stopAfter } from "./growth.ts";
import { EXAMPLE, fluxlift, lookingOnce } from "./support.ts";

const SECRET = "s3cr3t";

/** Forms in which people write a password into an address, each with what may be shown of it. */
const WITH_PASSWORD: Record<string, readonly [written: string, shown: string]> = {
  https: [`https://me:${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  "with an @": [`https://me:p@${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  "with a slash": [`https://me:p/${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  "with digits and a slash": [`https://me:12/${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  "with both": [`https://me:p@q/${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  "with a question mark": [`https://me:p?${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  "with a hash": [`https://me:p#${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  "with a colon": [`https://me:p:${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  "without a user": [`https://:${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  "a token as user": [`https://ghp_${SECRET}0123456789abcdef@github.com/o/r.git`, "https://github.com/o/r.git"],
  "a token with a slash as user": [`https://abc/${SECRET}==@github.com/o/r.git`, "https://github.com/o/r.git"],
  "with a port": [`https://me:${SECRET}@git.example.org:8443/o/r.git`, "https://git.example.org:8443/o/r.git"],
  "in capitals": [`HTTPS://me:${SECRET}@github.com/o/r.git`, "https://github.com/o/r.git"],
  ssh: [`ssh://git:${SECRET}@github.com/o/r.git`, "ssh://git@github.com/o/r.git"],
  "ssh with both": [`ssh://git:p@q/${SECRET}@github.com:22/o/r.git`, "ssh://git@github.com:22/o/r.git"],
  "git+ssh": [`git+ssh://git:${SECRET}@github.com/o/r.git`, "git+ssh://git@github.com/o/r.git"],
  oci: [`oci://me:${SECRET}@ghcr.io/o/r`, "oci://ghcr.io/o/r"],
  "user@host:path": [`git:${SECRET}@github.com:o/r.git`, "git@github.com:o/r.git"],
  "user@host:path with both": [`git:p@q/${SECRET}@github.com:o/r.git`, "git@github.com:o/r.git"],
  "a token in the query": [`https://github.com/o/r.git?private_token=${SECRET}`, "https://github.com/o/r.git"],
  "a token beside a ref": [
    `https://github.com/o/r.git?ref=v1&access_token=${SECRET}`,
    "https://github.com/o/r.git?ref=v1",
  ],
};

/** Addresses that are shown as they are. */
const WITHOUT: readonly string[] = [
  ...["https://github.com/o/r.git", "https://git.example.org:8443/o/r", "https://gitlab:8443/o/r", "http://[::1]:80/a"],
  ...["ssh://git@github.com/o/r.git", "ssh://git@github.com:22/o/r.git", "git@github.com:o/r.git", "host:o/r"],
  ...["oci://ghcr.io/o/r", "oci://registry:5000/a/b@sha256:abcd", "https://github.com/o/r//path?ref=v1.2.3"],
  ...["https://example.org:8443/o/r//p?ref=pkg@1.2", "/srv/git/r.git", "../r.git", "C:\\git\\r", "file:///srv/r.git"],
];

describe("an address", () => {
  test.each(Object.entries(WITH_PASSWORD))("%s is shown without its password", (_, [written, shown]) => {
    expect(publicAddress(written)).toBe(shown);
    expect(parseAddress(written).hasSecret || !written.includes(":", 8)).toBe(true);
    expect(repositoryIdentity(written)).toBe(repositoryIdentity(shown));
    expect(hideCredentials(`fatal: unable to access '${written}': no`)).not.toMatch(/^(?!.*git:).*s3cr3t/);
    expect(fluxUrlOf(written) ?? "").not.toContain(SECRET);
  });

  test.each(WITHOUT)("%s stays as it is", (written) => {
    expect(publicAddress(written)).toBe(written);
    expect(parseAddress(written).hasSecret).toBe(false);
  });

  test("keeps no part of any password, in any form", () => {
    const password = fc.string({
      unit: fc.constantFrom(..."abcXYZ019@/:?#%!$&+=~._-"),
      minLength: 1,
      maxLength: 24,
    });
    fc.assert(
      fc.property(password, fc.constantFrom("https", "http", "ssh", "oci", "git"), (secret, scheme) => {
        const user = scheme === "ssh" ? "git@" : "";
        expect(publicAddress(`${scheme}://git:${secret}@host.example/o/r`)).toBe(`${scheme}://${user}host.example/o/r`);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      // With two slashes after the colon it would be a URL.
      fc.property(
        password.filter((secret) => !secret.startsWith("//")),
        (secret) => {
          expect(publicAddress(`git:${secret}@host.example:o/r`)).toBe("git@host.example:o/r");
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("is found behind another one in the same word, as a link around a picture is written", () => {
    const secret = `https://me:${SECRET}@example.org/x`;
    for (const before of [
      "[![a](https://b.org/c.svg)](",
      "https://b.org/c,",
      "https://me@b.org/c|",
      "oci://b.io/c@sha256:a;",
    ]) {
      const text = `${before}${secret})`;
      expect(hideCredentials(text)).toContain("https://example.org/x)");
      for (const shown of [hideCredentials(text), hideTokens(text)]) expect(shown).not.toContain(SECRET);
    }
    const plain = "https://proxy.org/https://github.com/o/r.git?ref=v1";
    expect([hideCredentials(plain), hideTokens(plain)]).toEqual([plain, plain]);
  });

  test("is found in a text of any length without delay", () => {
    for (const part of ["a", "a:", "a://", "://", "a@", "https://", "@:", "?"]) {
      const text = part.repeat(200_000 / part.length);
      for (const read of [hideCredentials, publicAddress])
        for (const given of [text, `https://${text}`])
          expect(stopAfter(() => read(given), 30_000)).toBeTypeOf("string");
    }
  });
});

describe("the remotes", () => {
  test("are told by every command in the same way: origin first, rewritten as git would, the written one beside it", () => {
    const root = makeRepo({ "a.yaml": "a: 1\n" });
    git(root, "remote", "add", "fork", "gh:me/fork.git");
    git(root, "remote", "add", "origin", `https://me:p@${SECRET}@github.com/o/r.git`);
    git(root, "remote", "add", "other", "ssh://git@example.org/x");
    git(root, "config", "url.ssh://git@github.com/.insteadOf", "gh:");
    git(root, "config", "url.https://mirror.example/.insteadOf", "gh:nobody");
    expect(openGit(root)?.remotes()).toEqual([
      { name: "origin", url: "https://github.com/o/r.git" },
      { name: "fork", url: "ssh://git@github.com/me/fork.git" },
      { name: "fork", url: "gh:me/fork.git" },
      { name: "other", url: "ssh://git@example.org/x" },
    ]);
    expect(readRemotes(root)).toEqual(
      openGit(root)
        ?.remotes()
        .map(({ url }) => url),
    );
  });
});

/** Everything a person or a program gets to see. */
const LOOKS: readonly (readonly string[])[] = [
  ["scan", "--verbose"],
  ["scan", "--format", "json"],
  ...["text", "json", "markdown", "sarif", "preflight", "diff", "html"].map((format) => ["plan", "--format", format]),
  ["plan", "--phase", "all", "--direct", "--format", "json"],
  ["plan", "--sync", "keep", "--verbose"],
  ...["json", "markdown", "sarif"].map((format) => ["verify", "--base", "HEAD", "--format", format]),
  ["oci", "--dry-run", "--format", "markdown"],
  ["oci", "--phase", "all", "--direct", "--dry-run", "--format", "json"],
];

describe.each(["with an @", "with a slash", "ssh with both", "user@host:path with both", "a token in the query"])(
  "a password in the address of the repository (%s)",
  (form) => {
    const [secret] = WITH_PASSWORD[form]!;
    const address = secret
      .replace("github.com/o/r", "github.com/lighthouse-keeper/home-ops")
      .replace("github.com:22/o/r", "github.com:22/lighthouse-keeper/home-ops")
      .replace("github.com:o/r", "github.com:lighthouse-keeper/home-ops");

    test("that git knows is in no output, no file that is written, and no record", async () => {
      const root = makeRepo(EXAMPLE, { remote: "x" });
      git(root, "config", "remote.origin.url", address);
      const lookAt = lookingOnce();
      for (const look of LOOKS) {
        const run = await lookAt(root, ...look);
        expect([look, run.text.includes(SECRET)]).toEqual([look, false]);
      }
      const plan = join(makeTempDir(), "plan.json");
      await fluxlift(root, "plan", "-o", plan);
      expect(readFileSync(plan, "utf8")).not.toContain(SECRET);
      expect((await fluxlift(root, "migrate", "--yes")).text).not.toContain(SECRET);
      const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const holding = files.filter(({ parentPath, name }) =>
        readFileSync(join(parentPath, name), "latin1").includes(SECRET),
      );
      expect(holding.map(({ name }) => name)).toEqual(["config"]);
    });

    test.skipIf(form.startsWith("user@"))(
      "that the source names is in no output, and goes into no new file",
      async () => {
        const root = makeRepo(EXAMPLE, { remote: "git@github.com:lighthouse-keeper/home-ops.git" });
        const file = "kubernetes/flux/config/cluster.yaml";
        const text = readFileSync(join(root, file), "utf8");
        writeFiles(root, { [file]: text.replace(/url: .*/, `url: "${address}"`) });
        git(root, "commit", "-qam", "Secret");
        const lookAt = lookingOnce();
        for (const look of LOOKS) {
          const run = await lookAt(root, ...look);
          expect([look, run.text.includes(SECRET)]).toEqual([look, false]);
        }
        const run = await fluxlift(root, "migrate", "--yes");
        expect(run.code).toBe(1);
        expect(run.text).toContain("holds a password or a token");
        expect(git(root, "status", "--porcelain")).toBe("");
      },
    );
  },
);

describe("what verify says of a change that names addresses with passwords", () => {
  const remote = Object.values(WITH_PASSWORD).map(([written]) => written);
  const list = remote.map((url) => `  - ${JSON.stringify(url.includes("?") ? url : `${url}//base?ref=v1`)}\n`);
  const kustomization =
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ./helmrelease.yaml\n";
  const app = "kubernetes/apps/default/echo/app";

  test.each(["text", "json", "markdown", "sarif", "html"])("holds none: %s", async (format) => {
    const root = makeRepo(EXAMPLE);
    writeFiles(root, {
      [`${app}/kustomization.yaml`]: `${kustomization}${list.join("")}components:\n${list.join("")}`,
      [`${app}/extra/kustomization.yaml`]: `${kustomization}`,
    });
    git(root, "add", "-A");
    git(root, "commit", "-qm", "Remote bases");
    const run = await fluxlift(root, "verify", "--base", "HEAD~1", "--format", format, "--verbose");
    expect(run.text).toContain("github.com");
    expect(run.text.split("\n").filter((line) => line.includes(SECRET))).toEqual([]);
  });
});

test("a password in --url is refused, and not repeated", async () => {
  const root = makeRepo(EXAMPLE);
  const run = await fluxlift(root, "plan", "--url", `https://me:${SECRET}@github.com/o/r`);
  expect(run.code).toBe(2);
  expect(run.text).not.toContain(SECRET);
});

test("what git and hooks say of a remote goes through the same parser", async () => {
  const root = makeRepo(EXAMPLE);
  const hook = join(root, ".git/hooks/pre-commit");
  writeFiles(root, {
    ".git/hooks/pre-commit": `#!/bin/sh\necho "cannot push to https://me:p@${SECRET}@example.org/x" >&2\nexit 1\n`,
  });
  chmodSync(hook, 0o755);
  const run = await fluxlift(root, "migrate", "--yes", "--commit");
  expect(run.code).toBe(2);
  expect(run.text).toContain("cannot push to https://example.org/x");
});
