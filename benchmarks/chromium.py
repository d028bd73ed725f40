"""Watches the page of a live view in Chromium, without a screen, and notes when images are drawn.

Needs Chromium, and playwright (`pip install playwright`), which steers it.
"""

from __future__ import annotations

import shutil
import time
from importlib.util import find_spec

from benchmarks.stamps import BITS, SIDE

NAMES = ("chromium", "chromium-browser", "google-chrome")

# Reads the stamp (benchmarks/stamps.py) of the page's image before every picture that the browser
# draws, and keeps number and time of each one for the first time.
_WATCH = f"""
  window.drawn = [];
  const canvas = new OffscreenCanvas({BITS * SIDE}, {SIDE});
  const context = canvas.getContext("2d", {{willReadFrequently: true}});
  let last = -1;
  const look = () => {{
    requestAnimationFrame(look);
    const image = document.getElementById("image");
    if (!image || !image.naturalWidth) return;
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, {SIDE // 2}, {BITS * SIDE}, 1).data;
    let number = 0;
    for (let bit = 0; bit < {BITS}; ++bit)
      number += (pixels[4 * ({SIDE} * bit + {SIDE // 2})] > 127) << bit;
    if (number === last) return;
    last = number;
    window.drawn.push([number, (performance.timeOrigin + performance.now()) / 1000]);
  }};
  requestAnimationFrame(look);
"""


def why_no_chromium() -> str | None:
    """Returns why no page can be watched; None if one can."""
    if _path() is None:
        return "Chromium is not installed"
    return None if find_spec("playwright") else "playwright is not installed"


def watch(url: str, seconds: float) -> list[tuple[int, float]]:
    """Watches a page for some seconds.

    Args:
        url: The page of a live view whose images have stamps.
        seconds: How long.

    Returns:
        Number and time, of `time.perf_counter`, of each image that was drawn, in order.
    """
    from playwright.sync_api import sync_playwright

    since = time.time() - time.perf_counter()  # Chromium's times count from 1970
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_path(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.add_init_script(_WATCH)
        page.goto(url, wait_until="commit")
        page.wait_for_timeout(1000 * seconds)
        drawn = page.evaluate("window.drawn")
        browser.close()
    return [(int(number), moment - since) for number, moment in drawn]


def _path() -> str | None:
    """Returns the program; None if it is not installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)
