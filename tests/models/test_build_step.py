"""The build step runs before the package's own dependencies are installed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

IMPORT_WITHOUT_DEPENDENCIES = """
import sys

MISSING = {"cv2", "onnxruntime", "av", "scipy", "click", "rich", "torch"}

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in MISSING or name == "mtcnn_rt._native":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
sys.path.insert(0, "models")
import convert
print("imported")
"""


def test_the_build_step_imports_only_what_the_build_requires():
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT_DEPENDENCIES],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "imported\n"), done.stderr
