# mtcnn-rt on a slim image: detection, videos, annotated copies. It has no window and no extras.
#
#     docker build -t mtcnn-rt .
#     docker run --rm -v "$PWD:/work" mtcnn-rt image photos/ --out faces
#     docker run --rm -v "$PWD:/work" mtcnn-rt process video.mp4
#
# opencv-python-headless needs no libraries of the system, unlike opencv-python, so that the package
# is installed without its dependencies. Add onnxruntime for networks of other shapes.
FROM python:3.13-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-compile numpy click rich av opencv-python-headless \
    && pip install --no-cache-dir --no-compile --no-deps /wheels/*.whl
USER nobody
WORKDIR /work
ENTRYPOINT ["mtcnn-rt"]
CMD ["info"]
