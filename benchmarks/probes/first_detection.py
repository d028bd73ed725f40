"""Measures the seconds from before the import to the first faces.

python -m benchmarks.probes.first_detection ENGINE IMAGE
"""

from time import perf_counter

start = perf_counter()

import sys  # noqa: E402

from mtcnn_rt import MTCNN  # noqa: E402

engine, image_file = sys.argv[1:]
MTCNN(engine=engine, threads=1).detect(image_file)
print(perf_counter() - start)
