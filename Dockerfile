# fluxlift as an image: node without a shell, git beside it, no root.
# Base images move with their tags: renovate.json pins them by digest, and keeps them fresh.
# Build: docker build -t fluxlift . · Use: docker run --rm -v "$PWD:/repo:ro" fluxlift scan
FROM node:22-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends git
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build
# What the package holds, and nothing else of the repository.
RUN npm pack --ignore-scripts --silent --pack-destination /tmp && mkdir -p /image/app && tar -xzf /tmp/fluxlift-*.tgz -C /image/app --strip-components=1
# git with the libraries it asks for; every command of git that fluxlift runs is built into this one file, but what fleet clones
# over https with.
RUN mkdir -p /image/usr/bin && cp -L "$(command -v git)" /image/usr/bin/git
RUN mkdir -p "/image/$(git --exec-path)" && cp -L "$(git --exec-path)/git-remote-https" "/image/$(git --exec-path)/git-remote-https"
RUN for one in /image/usr/bin/git "/image/$(git --exec-path)/git-remote-https"; do ldd "$one"; done | awk '$2 == "=>" && $3 !~ /\/lib(c|m|pthread|dl|rt)\.so/ { print $3 }' | xargs -r -I{} cp -L --parents {} /image
RUN npm sbom --sbom-format cyclonedx --sbom-type application > /image/app/sbom.cdx.json

FROM gcr.io/distroless/nodejs22-debian12:nonroot
COPY --from=build /image /
# What lies in a mounted folder belongs to another user than the one of this image; fluxlift starts no program of it.
ENV GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=* NODE_ENV=production
WORKDIR /repo
USER nonroot
ENTRYPOINT ["/nodejs/bin/node", "/app/dist/fluxlift.js"]
