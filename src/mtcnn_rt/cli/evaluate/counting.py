"""Measures detectors for `mtcnn-rt evaluate boxes`: all faces, and those of one size or label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtcnn_rt.evaluation.judging import JudgedImage
    from mtcnn_rt.evaluation.measurement import Evaluation, Measurement, Plot
    from mtcnn_rt.evaluation.ranking import Selection

FALSE_ALARMS = "false alarms in images without faces"


@dataclass(frozen=True)
class Counting:
    """Says what is counted.

    Attributes:
        labels: The labels whose faces are also counted alone.
        min_size: The least height of a face that counts, in pixels.
        iou: The IoU from which a face is found.
        resamples: The number of resamples for the confidence intervals.
    """

    labels: Sequence[str]
    min_size: float
    iou: float
    resamples: int

    @property
    def everything(self) -> Selection:
        """The selection of all faces."""
        from mtcnn_rt.evaluation.ranking import Selection

        return Selection("all faces", min_height=self.min_size)

    @property
    def of_labels(self) -> list[Selection]:
        """The selections of single labels."""
        from mtcnn_rt.evaluation.ranking import Selection

        return [Selection(f"label {one}", one, self.min_size) for one in self.labels]

    def evaluation(
        self,
        judged: Mapping[str, Sequence[JudgedImage]],
        thresholds: Mapping[str, float],
        about: Mapping[str, str],
    ) -> Evaluation:
        """Measures all detectors.

        Args:
            judged: The images with what each detector found, by the name of the detector.
            thresholds: The scores at which false alarms are counted, by the name of the detector;
                0 without one.
            about: Descriptions of the data and the settings.

        Returns:
            The evaluation. Where no image has a face, it counts false alarms only.

        Raises:
            ValueError: There are faces, but none counts.
        """
        from mtcnn_rt.evaluation.faceless import faceless
        from mtcnn_rt.evaluation.measurement import Evaluation

        some = next(iter(judged.values()))
        only_faceless = len(faceless(some)) == len(some)
        return Evaluation(
            title="Images without faces" if only_faceless else self._title,
            about=about,
            plots=(self._alarm_plot,) if only_faceless else self._plots,
            measurements={
                name: _false_alarms(images, thresholds.get(name, 0.0), self.iou)
                if only_faceless
                else self._measure(images, thresholds.get(name, 0.0))
                for name, images in judged.items()
            },
        )

    @property
    def _title(self) -> str:
        return f"Average precision at IoU {self.iou:g}"

    @property
    def _plots(self) -> tuple[Plot, ...]:
        from mtcnn_rt.evaluation.measurement import Plot

        selections = [self.everything, *self.of_labels]
        return tuple(Plot(one.title, "recall", "precision", x_limit=1) for one in selections)

    @property
    def _alarm_plot(self) -> Plot:
        from mtcnn_rt.evaluation.measurement import Plot

        return Plot(FALSE_ALARMS, "threshold", "share of the images", x_limit=1)

    def _measure(self, images: Sequence[JudgedImage], threshold: float) -> Measurement:
        from mtcnn_rt.evaluation.faceless import faceless
        from mtcnn_rt.evaluation.measurement import Measurement
        from mtcnn_rt.evaluation.ranking import by_size, rank
        from mtcnn_rt.evaluation.summary import summarize

        numbers: dict[str, float] = {}
        curves, parts = {}, {}
        for selection in (self.everything, *self.of_labels):
            ranked = rank(images, selection, self.iou)
            if not ranked.faces.any():
                raise ValueError(f"{selection.title}: no box counts")
            summary = parts[selection.title] = summarize(ranked, self.resamples)
            curves[selection.title] = ranked.precision_recall()
            suffix = "" if selection.label is None else f" {selection.label}"
            numbers[f"AP{suffix}"] = summary.numbers["AP"]
            numbers[f"recall{suffix}"] = summary.numbers["recall"]
        for selection in by_size(self.min_size):
            ranked = rank(images, selection, self.iou)
            if ranked.faces.any():
                parts[selection.title] = summarize(ranked, self.resamples)
        if without := faceless(images):
            numbers |= _alarm_numbers(without, threshold, self.iou)
        return Measurement(numbers, curves, parts)


def _false_alarms(images: Sequence[JudgedImage], threshold: float, iou: float) -> Measurement:
    from mtcnn_rt.evaluation.faceless import share_curve
    from mtcnn_rt.evaluation.measurement import Measurement

    numbers = _alarm_numbers(images, threshold, iou)
    return Measurement(numbers, {FALSE_ALARMS: share_curve(images, iou)})


def _alarm_numbers(images: Sequence[JudgedImage], threshold: float, iou: float) -> dict[str, float]:
    from mtcnn_rt.evaluation.faceless import false_positives

    counts = false_positives(images, threshold, iou)
    return {
        "images without faces": len(counts),
        "FP in them": int(counts.sum()),
        "FP per image": float(counts.mean()),
        "share with FP": float((counts > 0).mean()),
    }
