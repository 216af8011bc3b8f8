# The context is what scripts/image-context.ts lays out (deploy/README.md).
# Any base with glibc and Node 24 will do; its node is looked for where distroless images and Debian's have it.
ARG BASE=node:24-bookworm-slim
FROM ${BASE}
ARG TARGETARCH
LABEL org.opencontainers.image.title="herald-speaker" org.opencontainers.image.licenses="Apache-2.0"
COPY koffi/${TARGETARCH}/ /app/
COPY speaker/ /app/
ENV NODE_ENV=production PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /app
# Root without capabilities but NET_RAW (deploy/base/speaker.yaml): another user would lose that one, too.
USER 0:0
EXPOSE 9120 17472 7946 7946/udp
# V8 would let its young generation grow to 96 MB, which these programs have no use for.
ENTRYPOINT ["node", "--max-semi-space-size=4", "/app/main.js"]
