# The context is what scripts/image-context.ts lays out (deploy/README.md).
# Any base with glibc and Node 24 will do; its node is looked for where distroless images and Debian's have it.
ARG BASE=node:24-bookworm-slim
FROM ${BASE}
LABEL org.opencontainers.image.title="herald-controller" org.opencontainers.image.licenses="Apache-2.0"
COPY controller/ /app/
ENV NODE_ENV=production PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /app
USER 65532:65532
EXPOSE 9120 17472
# V8 would let its young generation grow to 96 MB and its heap to twice what lives. Smaller ones cost a third more CPU in a burst, of
# which there is enough, and save half of the memory.
ENTRYPOINT ["node", "--max-semi-space-size=1", "--optimize-for-size", "/app/main.js"]
