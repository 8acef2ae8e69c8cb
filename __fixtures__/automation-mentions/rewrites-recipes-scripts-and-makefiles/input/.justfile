kubernetes_dir := justfile_dir() + "/kubernetes"

# Start Flux
bootstrap cluster="main":
    @kubectl --context {{ cluster }} apply --server-side --kustomize {{ kubernetes_dir }}/bootstrap/flux
    kubectl --context {{ cluster }} apply --server-side -k {{ kubernetes_dir }}/flux/config/
