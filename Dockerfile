# Switch in a container: the service, llama.cpp for this processor and the embedded model. deploy/README.md tells the rest.
#   docker build -t vx11-switch .                          for the CPU, x64 or arm64
#   docker build -t vx11-switch:gpu --build-arg GPU=cuda .   or GPU=vulkan, x64 only
ARG NODE_IMAGE=node:24-bookworm-slim

# Production dependencies as the lock file pins them. No install script runs: llama.cpp comes prebuilt inside a package.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /opt/switch
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# The builds of llama.cpp that go into the image.
FROM dependencies AS engine
ARG GPU=cpu
COPY scripts/gpu.ts scripts/
RUN [ "$GPU" = cpu ] || node scripts/gpu.ts "$GPU"

# Without what never runs: llama.cpp's sources, builds for other processors, the compiler that is an optional peer, types, maps and manuals.
FROM engine AS pruned
WORKDIR /opt/switch/node_modules
RUN rm -rf typescript @typescript .bin \
 && find node-llama-cpp/llama -mindepth 1 -maxdepth 1 ! -name '*.json' -exec rm -r {} + \
 && find @node-llama-cpp -mindepth 1 -maxdepth 1 ! -name "linux-$(node -p process.arch)*" -exec rm -r {} + \
 && find . -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' -o -iname '*.md' \) -delete

FROM ${NODE_IMAGE} AS runtime
ARG GPU=cpu
RUN [ "$GPU" != vulkan ] || { apt-get update && apt-get install -y --no-install-recommends libvulkan1 mesa-vulkan-drivers && rm -rf /var/lib/apt/lists/*; }
# The service is not in /app: a folder mounted at /app/models would hide the embedded model.
RUN install -d -o 10001 -g 10001 /app/models /app/cache \
 && ln -s /opt/switch/bin/switch.js /usr/local/bin/switch
COPY --from=pruned /opt/switch/node_modules /opt/switch/node_modules
COPY models /opt/switch/models
COPY package.json LICENSE /opt/switch/
COPY deploy /opt/switch/deploy
COPY bin /opt/switch/bin
COPY src /opt/switch/src
LABEL org.opencontainers.image.title="Switch" \
      org.opencontainers.image.description="Local-first LLM failover: one HTTP service that always answers inside its deadline" \
      org.opencontainers.image.licenses="MIT"
# HOST: reachable from outside the container, so that it does not start without SWITCH_TOKEN.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    HERMES_MODEL_DIR=/app/models \
    SWITCH_CACHE_DIR=/app/cache \
    NODE_COMPILE_CACHE=/tmp/node-compile-cache
WORKDIR /app
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Alive means that the process answers. Whether the local model can answer is /switch/health: a restart does not bring a missing file.
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 CMD ["node", "/opt/switch/deploy/alive.js"]
ENTRYPOINT ["node", "/opt/switch/bin/switch.js"]
CMD ["serve"]
