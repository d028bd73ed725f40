"""What the tests of the training share."""

try:
    import torch
except ImportError:  # what needs it is skipped
    pass
else:
    # Networks this small gain nothing by threads, which on a busy machine wait for each other.
    torch.set_num_threads(1)
