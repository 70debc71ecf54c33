# The image that runs in a cluster or beside docker-compose: the program, PostgreSQL's clients, the server that a drill restores on, time zones,
# and nothing that serves others.
#   docker build -t immich-backup .            (podman and buildah do, too; amd64 and arm64)
# PG_SOURCE=debian with PG_MAJORS=15 takes what Debian 12 has, and needs no other repository. Debian 12 has no pgvector.

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
# restore. The program picks by the server that it finds. The last of PG_MAJORS has its server, too, on which a drill restores: the newest takes the
# dumps of all others. It begins with no cluster. initdb asks for its user's name, which nss_wrapper has for a number without an account. The
# compiler of queries (JIT) goes, 130 MB, where it comes along as with Debian's 15: a drill does without it. So does the key that ssl-cert makes,
# which would be everybody's.
RUN export DEBIAN_FRONTEND=noninteractive && apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tzdata libcurl4 libpq5 libsqlite3-0 libssl3 zlib1g libcpp-httplib0.11 libarchive13 libqrencode4 libnss-wrapper postgresql-common \
 && if [ "$PG_SOURCE" = pgdg ]; then /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y; fi \
 && for major in $PG_MAJORS; do apt-get install -y --no-install-recommends "postgresql-client-$major" || exit 1; done \
 && echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf \
 && server=${PG_MAJORS##* } && apt-get install -y --no-install-recommends "postgresql-$server" \
 && if [ "$PG_SOURCE" = pgdg ]; then apt-get install -y --no-install-recommends "postgresql-$server-pgvector"; fi \
 && rm -rf /usr/lib/*/libLLVM* /usr/lib/llvm-* "/usr/lib/postgresql/$server/lib/bitcode" "/usr/lib/postgresql/$server"/lib/llvmjit* \
 && rm -f /etc/ssl/private/ssl-cert-snakeoil.key /etc/ssl/certs/ssl-cert-snakeoil.pem \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /usr/share/doc /usr/share/man
COPY --from=build /out/immich-backup /usr/local/bin/immich-backup
# The names that jobs written for its predecessor call.
RUN mkdir /app && for name in backup backup.py verify-restore verify-restore.py; do ln -s /usr/local/bin/immich-backup "/app/$name"; done
LABEL org.opencontainers.image.title="immich-backup" \
      org.opencontainers.image.description="Incremental, append-only, proven backups of Immich" \
      org.opencontainers.image.licenses="Apache-2.0"
# The folder of `serve`: a volume.
RUN mkdir -m 1777 /state
# Nobody's number, and any other will do. The root may be read-only: all that is written goes to $TMPDIR, which then has to be a volume. A drill
# needs room there for the database (docs/drill.md).
USER 10001:10001
ENV TMPDIR=/tmp IMMICH_BACKUP_STATE=/state IMMICH_BACKUP_LISTEN=0.0.0.0:2284
EXPOSE 2284
ENTRYPOINT ["/usr/local/bin/immich-backup"]
