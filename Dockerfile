# tiesan as a container: docker build --tag tiesan .
# It runs as nobody in particular and writes to /var/lib/tiesan and /tmp only, so that the rest can
# be read-only: docs/operating.md, "In a container". `.ci/container` runs what stands here.

# --- what is installed ----------------------------------------------------------------------------
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /srv/tiesan
WORKDIR /build
COPY requirements-server.lock ./
RUN /srv/tiesan/bin/pip install --quiet --require-hashes --requirement requirements-server.lock
COPY pyproject.toml README.md ./
COPY tiesan ./tiesan
COPY plugins ./plugins
COPY rules ./rules
COPY migrations ./migrations
RUN /srv/tiesan/bin/pip install --quiet --no-deps --no-build-isolation /build
RUN /srv/tiesan/bin/python -m compileall -q /srv/tiesan/lib

# --- what runs ------------------------------------------------------------------------------------
FROM python:3.11-slim-bookworm
# PDF files and their Chinese characters; pg_dump and pg_restore for servers up to version 15.
RUN apt-get update && apt-get install --yes --no-install-recommends fontconfig fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tiesan
RUN install --directory --owner=10001 --mode=0700 /var/lib/tiesan /var/backups/tiesan
COPY --from=build /srv/tiesan /srv/tiesan
ENV PATH=/srv/tiesan/bin:/usr/local/bin:/usr/bin:/bin TIESAN_INSTANCE=/var/lib/tiesan
ENV LANG=C.UTF-8 XDG_CACHE_HOME=/tmp PYTHONDONTWRITEBYTECODE=1
USER 10001
VOLUME ["/var/lib/tiesan", "/var/backups/tiesan"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=9)"]
ENTRYPOINT ["tiesan"]
CMD ["serve", "--host", "0.0.0.0", "--log", "json"]
