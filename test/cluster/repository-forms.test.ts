import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { fluxUrlOf, repositoryIdentity } from "../../src/contract/address.ts";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { memoryTree } from "../support/memory.ts";

/** Forms of one repository each, the way people clone it and the way a cluster does. */
const FORMS: readonly (readonly string[])[] = [
  [
    "https://github.com/acme/fleet.git",
    "https://www.github.com/acme/fleet",
    "ssh://git@ssh.github.com:443/acme/fleet.git",
    "git@github.com-work:acme/fleet.git",
    "git@github.com:acme/fleet",
  ],
  ["https://gitlab.com/acme/infra/fleet", "ssh://git@altssh.gitlab.com:443/acme/infra/fleet.git"],
  ["https://bitbucket.org/acme/fleet", "ssh://git@altssh.bitbucket.org:443/acme/fleet.git"],
  [
    "https://dev.azure.com/acme/platform/_git/fleet",
    "https://acme@dev.azure.com/acme/platform/_git/fleet",
    "git@ssh.dev.azure.com:v3/acme/platform/fleet",
    "ssh://git@ssh.dev.azure.com/v3/acme/platform/fleet",
    "https://acme.visualstudio.com/platform/_git/fleet",
    "https://acme.visualstudio.com/DefaultCollection/platform/_git/fleet",
    "acme@vs-ssh.visualstudio.com:v3/acme/platform/fleet",
  ],
  ["https://dev.azure.com/acme/_git/fleet", "ssh://git@ssh.dev.azure.com/v3/acme/fleet/fleet"],
  [
    "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/fleet",
    "ssh://APKA123@git-codecommit.eu-west-1.amazonaws.com/v1/repos/fleet",
    "codecommit::eu-west-1://fleet",
    "codecommit::eu-west-1://staging@fleet",
  ],
  ["https://git.example.com/scm/ops/fleet.git", "ssh://git@git.example.com:7999/ops/fleet.git"],
];

test.each(FORMS)("%s is one repository in every form", (...forms) => {
  expect(new Set(forms.map(repositoryIdentity)).size).toBe(1);
});

test("no two of them are one, nor what only looks like one", () => {
  const others = [
    "https://gitlab.com/scm/ops/fleet",
    "https://gitlab.com/ops/fleet",
    "https://www.example.com/acme/fleet",
    "https://example.com/acme/fleet",
    "https://dev.azure.com/acme/other/_git/fleet",
    "codecommit::us-east-1://fleet",
  ];
  const identities = [...FORMS.map(([first]) => first!), ...others].map(repositoryIdentity);
  expect(new Set(identities).size).toBe(identities.length);
});

test("what a git helper reads is no URL for a cluster", () => {
  expect(fluxUrlOf("codecommit::eu-west-1://fleet")).toBeUndefined();
});

describe("a cluster that reads the repository in another form than it was cloned in", () => {
  const sync = (name: string, url: string) => {
    const files = makeFluxSystem(`clusters/${name}`);
    const path = `clusters/${name}/flux-system/gotk-sync.yaml`;
    return { ...files, [path]: files[path]!.replace(/url: .*/, `url: ${url}`) };
  };

  test.each(FORMS.slice(0, -1))("%s is found", (...forms) => {
    const tree = memoryTree({
      ...sync("east", forms[0]!),
      ...sync("west", forms[1]!),
    });
    const remotes = [forms.at(-1)!];
    const { clusters } = buildModel({ tree, remotes, options: { layout: "auto" } });
    expect(clusters.map(({ name }) => name)).toEqual(["east", "west"]);
  });
});
