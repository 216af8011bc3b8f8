# The context is what scripts/image-context.ts lays out (deploy/README.md).
# Any base with glibc and Node 24 will do; its node is looked for where distroless images and Debian's have it.
ARG BASE=node:24-bookworm-slim
FROM ${BASE}
ARG TARGETARCH
LABEL org.opencontainers.image.title="herald-speaker" org.opencontainers.image.licenses="Apache-2.0"
COPY koffi/${TARGETARCH}/ /app/
COPY speaker/ /app/
ENV NODE_ENV=production PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /app
# Root without capabilities but NET_RAW (deploy/base/speaker.yaml): another user would lose that one, too.
USER 0:0
EXPOSE 9120 17472 7946 7946/udp 7947/udp
# Memory for time, of which there is enough: bench/docs/memory.md has what each of these saves and costs.
ENTRYPOINT ["node", "--max-semi-space-size=1", "--optimize-for-size", "--no-maglev", "--no-sparkplug", "--expose-gc", "/app/main.js"]
