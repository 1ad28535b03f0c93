# syntax=docker/dockerfile:1
# Homewright in one container: one process, one volume (/data), no root, nothing written outside the volume.
#   docker build --tag homewright:0.1.0 .
#   docker run --read-only --tmpfs /tmp --volume homewright:/data --publish 8010:8010 homewright:0.1.0

FROM python:3.13.9-slim-bookworm AS build
WORKDIR /build
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY src src
COPY migrations migrations
RUN python -m venv /opt/homewright \
 && /opt/homewright/bin/pip install --no-cache-dir --constraint constraints.txt '.[postgres]'

FROM python:3.13.9-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin homewright \
 && install --directory --owner=homewright --group=homewright --mode=0700 /data
COPY --from=build /opt/homewright /opt/homewright
ENV PATH="/opt/homewright/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE="1" \
    PYTHONUNBUFFERED="1" \
    OPENBLAS_NUM_THREADS="1" \
    HOMEWRIGHT_DATA_DIR="/data" \
    HOMEWRIGHT_SERVER_HOST="0.0.0.0"
USER 10001
VOLUME ["/data"]
EXPOSE 8010
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8010/health/ready', timeout=4)"]
ENTRYPOINT ["homewright"]
CMD ["serve"]
