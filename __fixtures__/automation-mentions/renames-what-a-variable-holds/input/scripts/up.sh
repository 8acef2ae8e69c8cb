#!/usr/bin/env bash
set -o errexit

flux_ks='flux'
flux_dir=flux
install=flux
gone="flux"

if ! flux get ks ${flux_ks} 2>/dev/null; then
  kubectl -n flux-system wait "kustomization/${flux_ks}" --for=condition=Ready
fi
ls "kubernetes/$flux_dir"
flux suspend ks "$install"
ls "kubernetes/$install"
flux suspend ks -n flux-system $gone
flux delete ks -n flux-system $gone --silent

held=flux
flux resume ks $held
ls "kubernetes/${held:-apps}"
exported=flux
flux resume ks $exported
export exported
