import { Chart } from "cdk8s";
import { Construct } from "constructs";
import { Kustomization, KustomizationSpecSourceRefKind } from "./imports/kustomize.toolkit.fluxcd.io";
import { Receiver, ReceiverSpecResourcesKind } from "./imports/notification.toolkit.fluxcd.io";

const SYNC = "home-ops";

export class Apps extends Chart {
	constructor(scope: Construct) {
		super(scope, "apps");
		new Kustomization(this, "apps", {
			metadata: { name: "typed" },
			spec: {
				sourceRef: {
					kind: KustomizationSpecSourceRefKind.GIT_REPOSITORY,
					name: SYNC,
				},
			},
		});
		new Receiver(this, "hook", {
			spec: { resources: [{ kind: ReceiverSpecResourcesKind.GIT_REPOSITORY, name: "home-ops" }] },
		});
	}
}
