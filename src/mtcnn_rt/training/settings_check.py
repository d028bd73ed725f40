"""Checks the settings of a training."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from mtcnn_rt.model import NETWORKS

if TYPE_CHECKING:
    from mtcnn_rt.training.recipe_settings import DataSetSettings, VersionSettings
    from mtcnn_rt.training.settings import NetworkSettings, Settings

STAGES, ONE_PASS = "stages", "one pass"
"""Ways of mining: network after network as in the paper, or for all networks at once."""

LARGEST_SEED = 2**64 - 1
"""The largest seed that PyTorch takes."""

LARGEST_BATCH, LARGEST_SCALE, LARGEST_DECAY = 1 << 16, 10, 100
LARGEST_COUNT, MOST_STEPS = 100_000, 10**9
"""Limits of what a machine can do: values above them are mistakes, and would end a training after
its folder is there, for want of memory or with the error of a library."""


def check(settings: Settings) -> Settings:
    """Returns the settings if all can be used.

    Raises:
        ValueError: A setting is out of its range; the message names it and the range.
    """
    for name in NETWORKS:
        _check_network(name, settings.of(name))
        _check_distillation(name, settings.of(name), settings)
    _check_plain(settings)
    _check_recipe(settings)
    _check_versions(settings.versions)
    for name, data_set in settings.data_sets.items():
        _check_data_set(f"data_sets.{name}", data_set)
        _check_finite(f"data_sets.{name}.", data_set)
    _check_finite("", settings)
    return settings


def _check_network(name: str, network: NetworkSettings) -> None:
    _require(network.steps >= 1, f"{name}.steps", "at least 1", network.steps)
    _require(network.steps <= MOST_STEPS, f"{name}.steps", f"at most {MOST_STEPS}", network.steps)
    rate = network.learning_rate
    _require(rate > 0, f"{name}.learning_rate", "above 0", rate)
    last = network.last_rate
    _require(0 <= last <= 1, f"{name}.last_rate", "0 to 1", last)
    initial = network.initial_share
    _require(0 <= initial < 1, f"{name}.initial_share", "0 to 1, without 1", initial)
    weights = network.loss_weights
    enough = len(weights) == 3 and min(weights) >= 0 and max(weights) > 0
    _require(enough, f"{name}.loss_weights", "three numbers, not below 0, one above", weights)
    size = network.batch_size
    _require(size == 0 or size >= 7, f"{name}.batch_size", "0 or at least 7", size)
    _require(size <= LARGEST_BATCH, f"{name}.batch_size", f"at most {LARGEST_BATCH}", size)


def _check_distillation(name: str, network: NetworkSettings, settings: Settings) -> None:
    """Checks what only samples of one pass allow."""
    shares = network.shares
    usable = len(shares) == 5 and min(shares) >= 0 and max(shares) > 0
    _require(usable, f"{name}.shares", "five numbers, not below 0, one above", shares)
    limits = network.version_samples
    usable = len(limits) == 4 and min(limits) >= 0
    _require(usable, f"{name}.version_samples", "four whole numbers, not below 0", limits)
    few = max(limits) <= LARGEST_COUNT
    _require(few, f"{name}.version_samples", f"numbers up to {LARGEST_COUNT}", limits)
    for each in ("doubtful", "pull", "box_iou", "smooth_landmarks"):
        value = getattr(network, each)
        _require(value >= 0, f"{name}.{each}", "not below 0", value)
        on = value > 0 and settings.mining != ONE_PASS
        _require(not on, f"{name}.{each}", f"0 unless mining is {ONE_PASS!r}", value)
    share = network.teacher_boxes
    _require(0 <= share <= 1, f"{name}.teacher_boxes", "0 to 1", share)
    for each in ("doubtful", "pull", "teacher_boxes"):
        value = getattr(network, each)
        taught = value == 0 or bool(settings.teacher)
        _require(taught, f"{name}.{each}", "0 unless there is a teacher", value)
    unusable = network.quality and settings.mining != ONE_PASS
    _require(not unusable, f"{name}.quality", f"false unless mining is {ONE_PASS!r}", "true")
    _require(0 <= network.erased <= 1, f"{name}.erased", "0 to 1", network.erased)


def _check_plain(settings: Settings) -> None:
    """Checks the settings of the paper's method."""
    seed, size = settings.seed, settings.batch_size
    _require(seed >= 0, "seed", "not below 0", seed)
    _require(seed <= LARGEST_SEED, "seed", f"0 to {LARGEST_SEED}", seed)
    _require(size >= 7, "batch_size", "at least 7", size)
    _require(size <= LARGEST_BATCH, "batch_size", f"7 to {LARGEST_BATCH}", size)
    ratio = settings.ratio
    whole = len(ratio) == 4 and min(ratio) >= 0 and max(ratio) > 0
    _require(whole, "ratio", "four whole numbers, not below 0, one above", ratio)
    _require(max(ratio) <= LARGEST_COUNT, "ratio", f"numbers up to {LARGEST_COUNT}", ratio)
    _require(0 < settings.ohem_ratio <= 1, "ohem_ratio", "above 0, at most 1", settings.ohem_ratio)
    decay = settings.weight_decay
    _require(0 <= decay <= LARGEST_DECAY, "weight_decay", f"0 to {LARGEST_DECAY}", decay)
    _require(0 <= settings.recolor <= 1, "recolor", "0 to 1", settings.recolor)
    _require(0 <= settings.rotation <= 180, "rotation", "0 to 180 degrees", settings.rotation)
    _require(settings.smallest_face > 0, "smallest_face", "above 0", settings.smallest_face)
    _require(settings.min_face_size >= 12, "min_face_size", "at least 12", settings.min_face_size)
    thresholds = settings.mining_thresholds
    valid = len(thresholds) == 2 and all(0 <= each <= 1 for each in thresholds)
    _require(valid, "mining_thresholds", "two numbers, 0 to 1", thresholds)
    scales = settings.mining_scales
    _require(bool(scales) and min(scales) > 0, "mining_scales", "numbers above 0", scales)
    small = max(scales) <= LARGEST_SCALE
    _require(small, "mining_scales", f"numbers above 0, at most {LARGEST_SCALE}", scales)
    for name in ("landmark_variants", "negatives_per_image", "crops_per_face"):
        count = getattr(settings, name)
        _require(0 <= count <= LARGEST_COUNT, name, f"0 to {LARGEST_COUNT}", count)


def _check_recipe(settings: Settings) -> None:
    """Checks the settings beyond the paper that concern the whole run."""
    ways = (STAGES, ONE_PASS)
    _require(settings.mining in ways, "mining", " or ".join(map(repr, ways)), settings.mining)
    one_pass = not settings.teacher or settings.mining == ONE_PASS
    _require(one_pass, "teacher", f"none unless mining is {ONE_PASS!r}", settings.teacher)
    _require(0 <= settings.cell_threshold <= 1, "cell_threshold", "0 to 1", settings.cell_threshold)
    _require(0 <= settings.holdout < 1, "holdout", "0 to 1, without 1", settings.holdout)
    _require(settings.watch_every >= 0, "watch_every", "not below 0", settings.watch_every)
    kept = settings.watch_every == 0 or settings.holdout > 0
    _require(kept, "watch_every", "0 unless holdout is above 0", settings.watch_every)
    _require(settings.watch_images >= 1, "watch_images", "at least 1", settings.watch_images)
    _require(0 <= settings.ema < 1, "ema", "0 to 1, without 1", settings.ema)
    _require(settings.clip_norm >= 0, "clip_norm", "not below 0", settings.clip_norm)


def _check_versions(versions: VersionSettings) -> None:
    for name in ("sizes", "small_sizes"):
        sizes = getattr(versions, name)
        usable = not sizes or (len(sizes) == 2 and 0 < sizes[0] <= sizes[1])
        _require(usable, f"versions.{name}", "none, or two sizes, the smaller first", sizes)
    for name in ("occluded", "turned", "mirrored", "degraded"):
        share = getattr(versions, name)
        _require(0 <= share <= 1, f"versions.{name}", "0 to 1", share)
    rotation = versions.rotation
    _require(0 <= rotation <= 180, "versions.rotation", "0 to 180 degrees", rotation)
    short, long = versions.shortest_side, versions.longest_side
    _require(short >= 12, "versions.shortest_side", "at least 12", short)
    _require(long >= short, "versions.longest_side", "at least shortest_side", long)


def _check_data_set(name: str, data_set: DataSetSettings) -> None:
    _require(data_set.versions >= 1, f"{name}.versions", "at least 1", data_set.versions)
    empty = data_set.empty_versions
    _require(empty >= 0, f"{name}.empty_versions", "not below 0", empty)
    _require(data_set.weight > 0, f"{name}.weight", "above 0", data_set.weight)
    enlarged = data_set.most_enlarged
    possible = 0 < enlarged <= LARGEST_SCALE
    _require(possible, f"{name}.most_enlarged", f"above 0, at most {LARGEST_SCALE}", enlarged)
    factor = data_set.teacher_boxes
    _require(0 <= factor <= 1, f"{name}.teacher_boxes", "0 to 1", factor)


def _check_finite(prefix: str, settings: Any) -> None:
    """Raises ValueError for a number that is NaN or infinite; `prefix` comes before its name."""
    for each in fields(settings):
        name, value = prefix + each.name, getattr(settings, each.name)
        if is_dataclass(value):
            _check_finite(f"{name}.", value)
        for number in value if isinstance(value, tuple) else (value,):
            infinite = isinstance(number, float) and not math.isfinite(number)
            _require(not infinite, name, "a finite number", number)


def _require(fulfilled: bool, name: str, expected: str, value: Any) -> None:
    if not fulfilled:
        raise ValueError(f"{name}: expected {expected}, not {value}")
