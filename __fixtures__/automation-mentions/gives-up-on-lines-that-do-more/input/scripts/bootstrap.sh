#!/usr/bin/env bash
kubectl kustomize kubernetes/bootstrap/flux | envsubst | kubectl apply -f -
kubectl apply --server-side --kustomize kubernetes/flux/config && echo started
pushd "$WORK" && kubectl apply -k bootstrap/flux
flux install --export > kubernetes/flux-system/gotk-components.yaml
