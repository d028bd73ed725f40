// Non-maximum suppression, and overlaps of boxes.
#include "core/nms.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "bindings/arrays.hpp"
#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"
#include "core/lender.hpp"
#include "core/overlaps.hpp"
#include "core/per_process.hpp"

namespace mtcnn::bindings {
namespace {

py::array_t<double> bind_overlaps(const Array<double>& first, const Array<double>& second,
                                  const std::string& over) {
    static_assert(sizeof(ExactBox) == 4 * sizeof(double));
    check_boxes(first, "first", {kAny, 4});
    check_boxes(second, "second", {kAny, 4});
    const Overlap overlap = to_overlap(over);
    py::array_t<double> overlaps({first.shape(0), second.shape(0)});
    const auto* rows = reinterpret_cast<const ExactBox*>(first.data());
    const auto* columns = reinterpret_cast<const ExactBox*>(second.data());
    double* to = overlaps.mutable_data();
    {
        const ReleasedGil released;
        write_overlaps(rows, static_cast<std::size_t>(first.shape(0)), columns,
                       static_cast<std::size_t>(second.shape(0)), overlap, to);
    }
    return overlaps;
}

// Suppresses, and keeps the memory of as many calls as there ever were at a time.
class BoundNms {
  public:
    py::array_t<std::int64_t> run(const Array<float>& boxes, const Array<float>& scores,
                                  double threshold, const std::string& over) {
        check_boxes(boxes, "boxes", {kAny, 4});
        check(scores, "scores", {boxes.shape(0)});
        const Overlap overlap = to_overlap(threshold, over);
        const auto count = static_cast<std::size_t>(boxes.shape(0));
        py::array_t<std::int64_t> kept(boxes.shape(0));
        std::int64_t* to = kept.mutable_data();
        std::size_t found = 0;
        {
            const ReleasedGil released;
            found = idle_.get().with([&](Nms& nms) {
                return nms.run(rows<Box>(boxes), scores.data(), count, threshold, overlap, to);
            });
        }
        shorten(kept, found);
        return kept;
    }

  private:
    PerProcess<Lender<Nms>> idle_;
};

}  // namespace

void define_nms(py::module_& module) {
    using namespace py::literals;
    module.def("overlaps", bind_overlaps, "first"_a, "second"_a, "over"_a = "union",
               "Returns the overlaps (N, M) float64 of each of the first boxes (N, 4) with each of "
               "the second ones\n(M, 4), float64, 0 to 1.\n\n"
               "over: what an intersection is divided by, the 'union' (IoU) or the 'smaller' area "
               "of the two.");
    py::class_<BoundNms>(module, "Nms",
                         "Suppresses boxes that overlap a better one, greedily, and keeps the "
                         "memory that it takes. May\nbe used from several threads.")
        .def(py::init(), "Begins without memory.")
        .def(
            "__call__",
            [](Initialized<BoundNms> self, const Array<float>& boxes, const Array<float>& scores,
               double threshold,
               const std::string& over) { return self->run(boxes, scores, threshold, over); },
            "boxes"_a, "scores"_a, "threshold"_a, "over"_a = "union",
            "Returns the indices (N,) int64 of the boxes that stay, best first, equal scores by "
            "index.\n\nboxes: (N, 4) float32; scores: (N,) float32.\n"
            "over: a box goes if its intersection with a better one is above the threshold times\n"
            "their 'union' (IoU) or the 'smaller' of the two.");
}

}  // namespace mtcnn::bindings
