"""The paper's training (arXiv 1604.02878, sections 2.2 and 3): three networks, each on what those
before it let through, jointly for detection and landmarks, with online hard sample mining.

To be read in this order: `samples` (what is learnt from), `mining` (where samples come from),
`augment` and `batches` (how they are fed), `networks`, `losses`, `loop` (one network), `cascade`
(all of it, in a run's folder). Only `networks`, `losses`, `loop`, `checkpoints` and `cascade` need
PyTorch."""
