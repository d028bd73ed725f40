#include "core/networks/engine.hpp"

#include <memory>
#include <stdexcept>

#include "bindings/definitions.hpp"
#include "bindings/layers.hpp"
#include "core/lender.hpp"

namespace mtcnn::bindings {
namespace {

// Holds the engine until it is closed, and the memory of as many calls as there ever were at a
// time.
class BoundEngine {
  public:
    BoundEngine(const Layers& pnet, const Layers& rnet, const Layers& onet, int threads,
                const std::optional<Statistics>& statistics, bool integers) {
        check(threads > 0, "threads: less than 1");
        engine_ = std::make_shared<Engine>(to_pnet(pnet, statistics, integers),
                                           to_crop_network(kRNet, rnet),
                                           to_crop_network(kONet, onet), threads);
    }

    py::list propose(const py::array_t<std::uint8_t>& image, bool bgr,
                     const std::vector<std::pair<int, int>>& levels, double threshold) {
        const std::shared_ptr<Engine> engine = open();
        const ImageView pixels = view(image, bgr);
        const std::vector<LevelSize> sizes = level_sizes(levels);
        py::list found;
        parts_.with([&](std::vector<Engine::Part>& parts) {
            {
                py::gil_scoped_release release;
                engine->propose(pixels, sizes, threshold, parts);
            }
            for (std::size_t i = 0; i < sizes.size(); ++i) found.append(of_level(parts, i));
        });
        return found;
    }

    Array<float> refine(const py::array_t<std::uint8_t>& image, bool bgr,
                        const Array<float>& boxes) {
        return classify(image, bgr, boxes, &Engine::rnet, &Engine::refine);
    }

    Array<float> output(const py::array_t<std::uint8_t>& image, bool bgr,
                        const Array<float>& boxes) {
        return classify(image, bgr, boxes, &Engine::onet, &Engine::output);
    }

    void close() { engine_.reset(); }

  private:
    using Classify = void (Engine::*)(const ImageView&, const Box*, std::size_t, float*);
    using Network = const CropNetwork& (Engine::*)() const;

    // Returns the engine, or throws std::runtime_error if it is closed. A call that is under way
    // keeps the engine, whoever closes it.
    std::shared_ptr<Engine> open() const {
        if (!engine_) throw std::runtime_error("the detector is closed");
        return engine_;
    }

    Array<float> classify(const py::array_t<std::uint8_t>& image, bool bgr,
                          const Array<float>& boxes, Network network, Classify run) {
        const std::shared_ptr<Engine> engine = open();
        const ImageView pixels = view(image, bgr);
        check(boxes, "boxes", {kAny, 4});
        Array<float> out({boxes.shape(0), py::ssize_t{(*engine.*network)().outputs()}});
        float* to = out.mutable_data();
        const Box* box = rows<Box>(boxes);
        const auto count = static_cast<std::size_t>(boxes.shape(0));
        py::gil_scoped_release release;
        (*engine.*run)(pixels, box, count, to);
        return out;
    }

    // Returns boxes, scores and regressions of one level.
    static py::tuple of_level(const std::vector<Engine::Part>& parts, std::size_t level) {
        Candidates all;
        for (const Engine::Part& part : parts) {
            if (part.level != level) continue;
            append(all.boxes, part.found.boxes);
            append(all.scores, part.found.scores);
            append(all.regressions, part.found.regressions);
        }
        return to_arrays(std::move(all));
    }

    template <typename T>
    static void append(std::vector<T>& all, const std::vector<T>& some) {
        all.insert(all.end(), some.begin(), some.end());
    }

    std::shared_ptr<Engine> engine_;
    Lender<std::vector<Engine::Part>> parts_;
};

}  // namespace

void define_engine(py::module_& module) {
    using namespace py::literals;
    py::class_<BoundEngine>(
        module, "Engine",
        "Runs the three networks on threads of its own. May be used from several threads. No bit "
        "of\n"
        "a result depends on the number of threads. Raises RuntimeError once it is closed.")
        .def(py::init<const Layers&, const Layers&, const Layers&, int,
                      const std::optional<Statistics>&, bool>(),
             "pnet"_a, "rnet"_a, "onet"_a, "threads"_a, "statistics"_a = py::none(),
             "integers"_a = false,
             "Takes the layers of the networks, as PNet, RNet and ONet do, and starts the threads.")
        .def("propose", &BoundEngine::propose, as_is("image"), "bgr"_a, "levels"_a, "threshold"_a,
             "Returns boxes (N, 4), scores (N,) and regressions (N, 4), float32, of each level "
             "(height, width):\nthe candidates that P-Net finds in the level that resize makes of "
             "the image's Halves.")
        .def(
            "refine", &BoundEngine::refine, as_is("image"), "bgr"_a, "boxes"_a,
            "Returns R-Net's outputs for the crops of boxes (N, 4): (N, 5) float32, face logit and "
            "box\nregression.")
        .def("output", &BoundEngine::output, as_is("image"), "bgr"_a, "boxes"_a,
             "Returns O-Net's outputs for the crops of boxes (N, 4): (N, 15) float32, face logit, "
             "box\n"
             "regression and landmarks x1 y1 ... x5 y5.")
        .def("close", &BoundEngine::close,
             "Joins the threads, after the calls that are under way.");
}

}  // namespace mtcnn::bindings
