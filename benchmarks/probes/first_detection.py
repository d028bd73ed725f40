"""Seconds from before the import to the first faces.

python -m benchmarks.probes.first_detection ENGINE PICTURE
"""

from time import perf_counter

start = perf_counter()

import sys  # noqa: E402

from mtcnn_rt import MTCNN  # noqa: E402

engine, picture = sys.argv[1:]
MTCNN(engine=engine, threads=1).detect(picture)
print(perf_counter() - start)
