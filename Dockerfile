# One image runs every command: a worker by default, or `docker run … IMAGE status`. Pin NODE_IMAGE by digest where
# builds must be repeatable. Debian's glibc is needed: Temporal's native part does not load on Alpine.
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY workflows workflows
COPY activities activities
COPY worker worker
RUN npm run build

# Writes the sample environments and plays their platform; only docker-compose.yml uses it.
FROM build AS samples
COPY sandbox sandbox
USER node
ENTRYPOINT ["node", "--import", "tsx", "sandbox/loadSamples.ts"]

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM ${NODE_IMAGE} AS worker
# The slim image has no certificates of authorities, without which no TLS connection is trusted.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
RUN chmod +x dist/src/cli/main.js && ln -s /app/dist/src/cli/main.js /usr/local/bin/refresh
USER node
EXPOSE 9464
# The worker serves its metrics as long as it lives.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/metrics').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/src/cli/main.js"]
CMD ["worker", "--metrics", "0.0.0.0:9464"]
