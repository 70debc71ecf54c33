# The image that runs in a cluster or beside docker-compose: the program, PostgreSQL's clients, time zones, and nothing that serves.
#   docker build -t immich-backup .            (podman and buildah do, too; amd64 and arm64)
# PG_SOURCE=debian takes the one client that Debian 12 has, 15, and needs no other repository.

FROM docker.io/library/debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/packages scripts/packages
RUN scripts/packages build
COPY . .
RUN cmake --preset release && cmake --build --preset release --target immich-backup \
 && mkdir /out && strip -o /out/immich-backup build/release/immich-backup

FROM docker.io/library/debian:bookworm-slim
ARG PG_SOURCE=pgdg
ARG PG_MAJORS="14 15 16 17 18"
# A dump needs a client of the server's major version: an older one refuses, a newer one may write what the server does not know at the
# restore. The program picks by the server that it finds.
RUN export DEBIAN_FRONTEND=noninteractive && apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tzdata libcurl4 libpq5 libsqlite3-0 libssl3 zlib1g \
 && if [ "$PG_SOURCE" = pgdg ]; then \
      apt-get install -y --no-install-recommends postgresql-common && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y; \
    fi \
 && for major in $PG_MAJORS; do apt-get install -y --no-install-recommends "postgresql-client-$major" || exit 1; done \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /usr/share/doc /usr/share/man
COPY --from=build /out/immich-backup /usr/local/bin/immich-backup
# The names that jobs written for its predecessor call.
RUN mkdir /app && for name in backup backup.py verify-restore verify-restore.py; do ln -s /usr/local/bin/immich-backup "/app/$name"; done
LABEL org.opencontainers.image.title="immich-backup" \
      org.opencontainers.image.description="Incremental, append-only, proven backups of Immich" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nobody's number. The root may be read-only: all that is written goes to $TMPDIR, which then has to be a volume.
USER 10001:10001
ENV TMPDIR=/tmp
ENTRYPOINT ["/usr/local/bin/immich-backup"]
