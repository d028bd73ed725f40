"""Serves face detection over HTTP: the bytes of an image in, JSON out.

pip install fastapi uvicorn
uvicorn --app-dir examples fastapi_endpoint:app
curl --data-binary @photo.jpg http://127.0.0.1:8000/faces
"""

from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool

from mtcnn_rt import MTCNN
from mtcnn_rt.images import decode_image

MOST_BYTES = 20_000_000

app = FastAPI()
detector = MTCNN(threads=1)  # requests run side by side, so each is content with one core


@app.post("/faces")
async def faces(request: Request) -> dict[str, Any]:
    """Returns the faces of the image in the body of the request, best score first."""
    content = await read_body(request)
    try:
        # Decoding and detection take tens of milliseconds: in a thread, the event loop goes on.
        return await run_in_threadpool(find, content)
    except ValueError as error:
        raise HTTPException(415, str(error)) from error


def find(content: bytes) -> dict[str, Any]:
    """Decodes an image and returns its size and faces as plain values."""
    image = decode_image(content, "the body of the request")
    height, width = image.shape[:2]
    return {"width": width, "height": height, "faces": detector.detect(image).to_dicts()}


async def read_body(request: Request) -> bytes:
    """Reads the body, but no more than `MOST_BYTES`."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BYTES:
            raise HTTPException(413, f"the image has more than {MOST_BYTES} bytes")
    return bytes(content)
