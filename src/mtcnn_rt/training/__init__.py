"""Trains the paper's networks (arXiv 1604.02878, sections 2.2 and 3).

Three networks are trained, each on what those before it accept, jointly for detection and
landmarks, with online hard sample mining.

The modules in reading order: `samples` (crops, and what is to be learned from them), `squares` and
`mining` (find samples in images), `augment` and `batches` (feed them), `networks`, `losses`, `loop`
(trains one network), `cascade` (trains all, in a run's folder). What goes beyond the paper is off
by default: `distillation` (learns from a teacher, too), `holdout` and `watch` (measure on images
that are not trained on), `averaging` (of weights), `detection_logits` and `score` (fit a score of
all three networks). Only `networks`, `layers`, `losses`, `loop`, `averaging`, `checkpoints`,
`statistics`, `watch`, `distillation.losses` and `cascade` need PyTorch.
"""
