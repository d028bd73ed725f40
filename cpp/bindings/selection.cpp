// The steps between the networks, and the scores that decide in them.
#include "core/selection.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"
#include "core/lender.hpp"
#include "core/per_process.hpp"

namespace mtcnn::bindings {
namespace {

using Weights = std::optional<Array<double>>;
using Levels = std::vector<std::tuple<Array<float>, Array<float>, Array<float>>>;

// Returns the score of so many networks; without weights there is none.
std::optional<Score> to_score(const Weights& weights, std::size_t networks) {
    if (!weights) return {};
    check(*weights, "weights", {static_cast<py::ssize_t>(networks) + 1});
    return Score{weights->data(), networks};
}

const Score* pointer(const std::optional<Score>& score) { return score ? &*score : nullptr; }

// Checks what a network saw; `columns` of its outputs are a face logit, a regression and points.
Seen to_seen(const Array<float>& squares, const Array<float>& logits, const Array<float>& outputs) {
    check_boxes(squares, "squares", {kAny, 4});
    check(logits, "logits", {squares.shape(0), kAny});
    check(outputs, "outputs", {squares.shape(0), kAny});
    check(outputs.shape(1) >= 5 && outputs.shape(1) % 2 == 1,
          "outputs: a row is a face logit, a regression and landmarks");
    return {rows<Box>(squares), static_cast<std::size_t>(squares.shape(0)),
            logits.data(),      static_cast<std::size_t>(logits.shape(1)),
            outputs.data(),     static_cast<std::size_t>(outputs.shape(1))};
}

LevelCandidates to_candidates(const Array<float>& boxes, const Array<float>& scores,
                              const Array<float>& regressions) {
    check_boxes(boxes, "boxes", {kAny, 4});
    check(scores, "scores", {boxes.shape(0)});
    check(regressions, "regressions", {boxes.shape(0), 4});
    return {rows<Box>(boxes), scores.data(), rows<Regression>(regressions),
            static_cast<std::size_t>(boxes.shape(0))};
}

// Returns a vector's memory as rows of `columns` values.
template <typename T>
py::array_t<float> to_rows(std::vector<T>&& values, std::size_t columns) {
    const std::size_t count = values.size() * sizeof(T) / sizeof(float) / columns;
    return to_array<float>(std::move(values))
        .reshape({static_cast<py::ssize_t>(count), static_cast<py::ssize_t>(columns)});
}

py::tuple to_tuple(Proposals&& proposals, std::size_t networks) {
    return py::make_tuple(to_array<float>(std::move(proposals.squares)),
                          to_rows(std::move(proposals.logits), networks));
}

// Selects, and keeps the memory of as many calls as there ever were at a time.
class BoundSelection {
    template <typename Step>
    auto run(const Step& step) {
        const ReleasedGil released;
        return idle_.get().with(step);
    }

  public:
    py::tuple propose(const Levels& levels, double in_level, double over_all) {
        check_threshold(in_level);
        check_threshold(over_all);
        std::vector<LevelCandidates> candidates;
        std::int64_t count = 0;
        for (const auto& [boxes, scores, regressions] : levels) {
            candidates.push_back(to_candidates(boxes, scores, regressions));
            count += boxes.shape(0);
        }
        check(count <= kMostBoxes, "levels: more than 2147483647 candidates");
        return to_tuple(run([&](Selection& selection) {
                            return selection.propose(candidates, in_level, over_all);
                        }),
                        1);
    }

    py::tuple refine(const Array<float>& squares, const Array<float>& logits,
                     const Array<float>& outputs, double threshold, double overlap,
                     bool calibrated) {
        const Seen seen = to_seen(squares, logits, outputs);
        check_threshold(threshold);
        check_threshold(overlap);
        return to_tuple(run([&](Selection& selection) {
                            return selection.refine(seen, threshold, overlap, calibrated);
                        }),
                        seen.networks + 1);
    }

    py::tuple accept(const Array<float>& squares, const Array<float>& logits,
                     const Array<float>& outputs, const Weights& weights, double threshold,
                     double overlap, const std::string& over, double offset) {
        const Seen seen = to_seen(squares, logits, outputs);
        const std::optional<Score> score = to_score(weights, seen.networks + 1);
        check_threshold(threshold);
        const Suppression suppression = {overlap, to_overlap(overlap, over)};
        Accepted found = run([&](Selection& selection) {
            return selection.accept(seen, pointer(score), threshold, suppression,
                                    static_cast<float>(offset));
        });
        const auto count = static_cast<py::ssize_t>(found.boxes.size());
        return py::make_tuple(to_array<float>(std::move(found.boxes)),
                              to_array<float>(std::move(found.scores)),
                              to_array<float>(std::move(found.landmarks))
                                  .reshape({count, (outputs.shape(1) - 5) / 2, py::ssize_t{2}}),
                              to_array<std::int64_t>(std::move(found.index)),
                              to_rows(std::move(found.logits), seen.networks + 1));
    }

  private:
    PerProcess<Lender<Selection>> idle_;
};

py::array_t<std::int64_t> bind_unsettled(const Array<float>& squares,
                                         const Array<std::int64_t>& shown,
                                         const Array<float>& logits, const Array<float>& outputs,
                                         const Weights& weights, double sure, double overlap) {
    check_boxes(squares, "squares", {kAny, 4});
    check(shown, "shown", {kAny});
    check(logits, "logits", {shown.shape(0), kAny});
    check(outputs, "outputs", {shown.shape(0), kAny});
    check(outputs.shape(1) > 0, "outputs: has no columns");
    check_threshold(overlap);
    const std::vector<std::int64_t> indices(shown.data(), shown.data() + shown.shape(0));
    for (const std::int64_t index : indices)
        check(index >= 0 && index < squares.shape(0), "shown: not an index of a square");
    const auto count = static_cast<std::size_t>(squares.shape(0));
    const Seen seen = {nullptr,        indices.size(),
                       logits.data(),  static_cast<std::size_t>(logits.shape(1)),
                       outputs.data(), static_cast<std::size_t>(outputs.shape(1))};
    const std::optional<Score> score = to_score(weights, seen.networks + 1);
    std::vector<std::int64_t> left;
    {
        const ReleasedGil released;
        left = unsettled(rows<Box>(squares), count, indices, seen, pointer(score),
                         static_cast<float>(sure), overlap);
    }
    return to_array<std::int64_t>(std::move(left));
}

// Returns a new array of float32 with apply(value) of each value.
template <typename Apply>
Array<float> for_values(const Array<float>& values, const char* name, const Apply& apply) {
    check(values, name, {kAny});
    Array<float> out(values.shape(0));
    std::transform(values.data(), values.data() + values.size(), out.mutable_data(), apply);
    return out;
}

Array<float> bind_fuse(const Array<float>& logits, const Array<double>& weights) {
    check(logits, "logits", {kAny, kAny});
    const auto networks = static_cast<std::size_t>(logits.shape(1));
    const std::optional<Score> score = to_score(weights, networks);
    Array<float> out(logits.shape(0));
    float* to = out.mutable_data();
    const float* row = logits.data();
    for (py::ssize_t i = 0; i < logits.shape(0); ++i, row += networks)
        to[i] = score->logit([&](std::size_t network) { return row[network]; });
    return out;
}

}  // namespace

void define_selection(py::module_& module) {
    using namespace py::literals;
    using Self = Initialized<BoundSelection>;
    module.attr("LARGEST_LOGIT") = kLargestLogit;
    module.def(
        "as_logits",
        [](const Array<float>& probabilities) {
            return for_values(probabilities, "probabilities", limited_logit);
        },
        "probabilities"_a,
        "Returns the logits (N,) float32 of face probabilities (N,), limited to ±LARGEST_LOGIT.");
    module.def(
        "as_probabilities",
        [](const Array<float>& logits) { return for_values(logits, "logits", probability); },
        "logits"_a, "Returns the sigmoids (N,) float32 of logits (N,).");
    module.def("fuse", bind_fuse, "logits"_a, "weights"_a,
               "Returns the logits (N,) float32 of scores: the networks' logits (N, K), limited to "
               "±LARGEST_LOGIT,\ntimes the weights, and the bias, which is the last of the weights "
               "(K + 1,) float64.");
    module.def("unsettled", bind_unsettled, "squares"_a, "shown"_a, "logits"_a, "outputs"_a,
               "weights"_a, "sure"_a, "overlap"_a,
               "Returns the indices (M,) int64 of the squares (N, 4) that are not among those at "
               "the indices `shown`\nand overlap none of these, by an IoU above `overlap`, whose "
               "score is `sure` or more.\n\nlogits, outputs: of the squares shown, as in "
               "Selection.accept.");
    py::class_<BoundSelection>(
        module, "Selection",
        "Selects the boxes that go on to the next network, and keeps the memory that it takes. May "
        "be\nused from several threads.")
        .def(py::init(), "Begins without memory.")
        .def(
            "propose",
            [](Self self, const Levels& levels, double in_level, double over_all) {
                return self->propose(levels, in_level, over_all);
            },
            "levels"_a, "in_level"_a, "over_all"_a,
            "Runs the NMS of each level's candidates, and one over those of all levels that are "
            "left.\n\nlevels: boxes (N, 4), scores (N,) and regressions (N, 4) of each.\n"
            "in_level, over_all: IoUs above which a box goes.\n"
            "Returns calibrated squares (M, 4) and their logits (M, 1), float32, best first.")
        .def(
            "refine",
            [](Self self, const Array<float>& squares, const Array<float>& logits,
               const Array<float>& outputs, double threshold, double overlap, bool calibrated) {
                return self->refine(squares, logits, outputs, threshold, overlap, calibrated);
            },
            "squares"_a, "logits"_a, "outputs"_a, "threshold"_a, "overlap"_a, "calibrated"_a,
            "Accepts what R-Net gives a face probability above the threshold, and runs an NMS.\n\n"
            "squares: (N, 4); logits: (N, K), of the networks before; outputs: (N, 5), R-Net's.\n"
            "overlap: IoU above which a box goes.\n"
            "calibrated: the NMS is over the calibrated boxes, not over the squares.\n"
            "Returns calibrated squares (M, 4) and their logits (M, K + 1), float32, best first.")
        .def(
            "accept",
            [](Self self, const Array<float>& squares, const Array<float>& logits,
               const Array<float>& outputs, const Weights& weights, double threshold,
               double overlap, const std::string& over, double offset) {
                return self->accept(squares, logits, outputs, weights, threshold, overlap, over,
                                    offset);
            },
            "squares"_a, "logits"_a, "outputs"_a, "weights"_a, "threshold"_a, "overlap"_a, "over"_a,
            "offset"_a,
            "Accepts what scores above the threshold, and runs an NMS over the calibrated "
            "boxes.\n\n"
            "squares: (N, 4); logits: (N, K), of the networks before; outputs: (N, 15), O-Net's.\n"
            "weights: of `fuse`, (K + 2,), for the score; None: it is O-Net's probability.\n"
            "overlap, over: as those of Nms; offset: is added to every side of a box.\n"
            "Returns boxes (M, 4), scores (M,), landmarks (M, 5, 2), float32, indices (M,) int64 "
            "of their\nsquares, and logits (M, K + 1), best first.");
}

}  // namespace mtcnn::bindings
