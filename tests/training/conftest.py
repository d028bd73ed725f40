"""Settings that the tests of the training share."""

try:
    import torch
except ImportError:  # tests that need it are skipped
    pass
else:
    # Networks this small gain nothing from threads, which on a busy machine wait for each other.
    torch.set_num_threads(1)
