# mtcnn-rt on a slim image: detection, videos, annotated copies. It has no window.
#
#     docker build -t mtcnn-rt .
#     docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" mtcnn-rt image photos/ --out faces
#     docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" mtcnn-rt process video.mp4
#
# PyAV reads image files and videos; without OpenCV, which has as much again, the image stays under
# 400 MB. `crops`, `evaluate` and cameras need it: --build-arg PACKAGES="opencv-python-headless".
FROM python:3.13-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
ARG PACKAGES=""
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-compile numpy click rich av $PACKAGES \
    && pip install --no-cache-dir --no-compile --no-deps /wheels/*.whl
WORKDIR /work
ENTRYPOINT ["mtcnn-rt"]
CMD ["info"]
