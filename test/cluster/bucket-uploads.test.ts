import { expect, test } from "vitest";
import { findUpload } from "../../src/cluster/bucket-uploads.ts";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { flux } from "./fleet.ts";

const BUCKET =
  "apiVersion: source.toolkit.fluxcd.io/v1\nkind: Bucket\nmetadata:\n  name: home\n  namespace: flux-system\nspec:\n  interval: 1m\n  bucketName: home\n  endpoint: s3.example.com\n";

const rootOf = (script: string) =>
  findUpload(memoryTree({ "push.sh": script }), { data: { spec: { bucketName: "home" } } })?.value;

test.each([
  ["aws s3 sync --delete ./deploy s3://home", "deploy"],
  ["aws s3 sync ./deploy/ s3://home/ --delete", "deploy"],
  ["aws s3 sync \\\n  deploy \\\n  's3://home'", "deploy"],
  ["cd deploy && aws s3 cp --recursive . s3://home", "deploy"],
  ["gsutil -m rsync -r -d deploy gs://home", "deploy"],
  ["gcloud storage rsync --recursive deploy gs://home", "deploy"],
  ["mc mirror --overwrite deploy minio/home", "deploy"],
  ["rclone sync deploy store:home", "deploy"],
  ["azcopy sync deploy 'https://acme.blob.core.windows.net/home?sv=1'", "deploy"],
  ["aws s3 sync . s3://home", ""],
  ["aws s3 sync ./deploy/k8s s3://home/k8s", "deploy"],
  ["aws s3 sync ./k8s s3://home/k8s", ""],
  ["aws s3 sync ./deploy s3://home/other", undefined],
  ["aws s3 sync ./deploy s3://homes", undefined],
  ["aws s3 sync ./deploy s3://home --exclude 'tests/*'", undefined],
  ["aws s3 sync . s3://home --delete --exclude '.git/*' --exclude \".github/*\"", ""],
  ["aws s3 sync . s3://home --exclude .git --exclude 'apps/*'", undefined],
  ["aws s3 sync . s3://home --exclude '.gitops/*'", undefined],
  ['aws s3 sync "$DIR" s3://home', undefined],
  ["aws s3 sync deploy/home s3://home", "deploy/home"],
  ["aws s3 sync s3://home deploy", undefined],
  ["gsutil rsync gs://home deploy", undefined],
  ["mc mirror --overwrite minio/home deploy", undefined],
  ["# aws s3 sync ./deploy s3://home", undefined],
  ["aws s3 sync one s3://home\naws s3 sync two s3://home", undefined],
])("%s uploads %s", (script, folder) => {
  expect(rootOf(script)).toBe(folder);
});

test("a cluster that reads a bucket is known by the job that uploads its folder", () => {
  const root = flux("home", "./clusters/home", "Bucket home");
  const files = { "deploy/clusters/home/sync.yaml": `${BUCKET}---\n${root}` };
  const paths = (more: Record<string, string>) => {
    const tree = memoryTree({ ...files, ...more });
    return buildModel({ tree, remotes: [], options: { layout: "auto" } }).clusters.map(({ root }) => root.file);
  };
  expect(paths({})).toEqual([]);
  expect(paths({ "push.sh": "aws s3 sync deploy s3://home\n" })).toEqual(["deploy/clusters/home/sync.yaml"]);
});
