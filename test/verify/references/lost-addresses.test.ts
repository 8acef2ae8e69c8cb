import { expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import { CHESS_APP, GAMES, PLAYER_APP, says } from "./tree.ts";

const [LIST, HELM, WEB] = ["kustomization", "helmrelease", "web"].map((name) => `${PLAYER_APP}/${name}.yaml`) as [
  string,
  string,
  string,
];
const service = (name: string) => object("Service", name, "v1", ["spec: {ports: [{port: 80}]}"]);
const user = (...addresses: string[]) => release("player", [`values: {env: {HOSTS: '${addresses.join(" ")}'}}`]);
const tree = (text: string, made: string) => ({
  ...homeTree(),
  [HELM]: text,
  [WEB]: made,
  [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "web.yaml"]),
});
const CHESS = "kubernetes/apps/games/chess";
const goes = {
  [GAMES]: kustomization(["namespace.yaml"]),
  ...Object.fromEntries(
    ["ks.yaml", "app/kustomization.yaml", "app/helmrelease.yaml"].map((file) => [`${CHESS}/${file}`, undefined]),
  ),
};

function told(text: string, made: string, edits: Record<string, string | undefined>): string[] {
  const { verdict, findings } = says(tree(text, made), edits);
  const found = findings.filter(({ rule }) => rule === "reference-breaks");
  return [
    verdict,
    ...found.map(({ level, resource, what }) => `${level} ${resource} ${/address (\S+),/.exec(what)?.[1]}`),
  ];
}

test("a Service goes whose address something names", () => {
  const gone = { [WEB]: service("other") };
  expect(told(user("http://web.media.svc.cluster.local:80/x"), service("web"), gone)).toEqual([
    "deletes",
    "caution HelmRelease media/player web.media.svc",
  ]);
  expect(told(user("web.media.svc"), service("web"), { [WEB]: service("web").replace("80", "81") })).toEqual(["safe"]);
  for (const address of [
    "web.games.svc",
    "my-web.media.svc",
    "web-2.media.svc",
    "a.web.media.svc",
    "web.media.example.org",
  ])
    expect(told(user(address), service("web"), gone)).toEqual(["deletes"]);
});

test("a release goes whose address something names", () => {
  expect(told(user("chess-http.games.svc", "chess.games.svc"), service("web"), goes)).toEqual([
    "deletes",
    "caution HelmRelease media/player chess-http.games.svc",
  ]);
  expect(told(user("chessboard.games.svc"), service("web"), goes)).toEqual(["deletes"]);
});

test("what another release or Service may answer is left alone", () => {
  const other = { [`${CHESS_APP}/helmrelease.yaml`]: release("chess") + service("web") };
  expect(told(user("chess.games.svc"), service("web"), other)).toEqual(["safe"]);
  const renamed = { [WEB]: service("web").replace("name: web", "name: player-web") };
  expect(told(user("player-web.media.svc"), service("player-web"), renamed)).toEqual(["safe"]);
});

test("what an operator may make for an object of that name is left alone", () => {
  const made = (kind: string, group: string, name: string) => object(kind, name, `${group}/v1`, ["spec: {}"]);
  const file = `${CHESS_APP}/helmrelease.yaml`;
  const toldOf = (text: string) => {
    const { findings } = says(
      { ...tree(user("chess-http.games.svc"), service("web")), [file]: release("chess") + text },
      { [file]: text },
    );
    return findings.some(({ rule }) => rule === "reference-breaks");
  };
  expect(toldOf(made("Redis", "redis.example.org", "chess"))).toBe(false);
  expect(toldOf(made("Redis", "redis.example.org", "chess-http"))).toBe(false);
  expect(toldOf(made("Redis", "redis.example.org", "other"))).toBe(true);
  expect(toldOf(made("ServiceMonitor", "monitoring.coreos.com", "chess"))).toBe(true);
});
