"""Trains networks on labels and on what a teacher outputs, so that they learn without forgetting.

A network that is fine-tuned on one data set loses what it knew of others. Here the published
networks stay present as the teacher: every crop has the teacher's output beside its label. The
samples come from photographs in several versions: shrunk, turned, covered in part and degraded.

The modules in reading order: `degradation`, `occlusion` and `versions` (photographs in versions),
`teacher` (what the teacher outputs), `samples` (crops, and what is to be learned from them),
`proposals` (crops that a cascade passes), `selection` (which of them are samples), `miner` (all of
this for one image), `mining` and `parallel` (for all images, in several processes), `batches` and
`losses` (feed them to the loop). Only `losses` needs PyTorch. The settings are in
`mtcnn_rt.training.settings`.
"""
