#include "core/networks/engine.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"
#include "bindings/layers.hpp"
#include "core/lender.hpp"
#include "core/per_process.hpp"

namespace mtcnn::bindings {
namespace {

std::vector<LevelSize> levels_with_cells(const std::vector<Level>& levels) {
    std::vector<LevelSize> sizes;
    for (const Level& level : levels) sizes.push_back(level_with_cells(level));
    return sizes;
}

// Floats that all networks have room in; R-Net and three O-Nets take 8 MB.
constexpr std::size_t kWeights = std::size_t{4} << 20;

// An engine with its threads, and the memory of as many calls as there ever were at a time.
struct OpenEngine {
    Engine engine;
    Lender<std::vector<Engine::Part>> parts;

    OpenEngine(std::shared_ptr<const Networks> networks, int threads)
        : engine(std::move(networks), threads) {}
};

// The engine of a process until it is closed. A call that is under way keeps it, whoever closes.
struct Opened {
    std::mutex changing;
    std::shared_ptr<OpenEngine> engine;
};

// Holds the networks, and an engine for each process that uses them.
class BoundEngine {
  public:
    BoundEngine(const Layers& pnet, const Layers& rnet, const Layers& onet, std::int64_t threads,
                const std::optional<Statistics>& statistics, bool integers,
                const std::optional<Layers>& lnet, const std::optional<Layers>& cnet)
        : opened_([this] { return start(); }) {
        check(threads > 0 && threads <= kMostThreads, "threads: not between 1 and 1024");
        threads_ = static_cast<int>(threads);
        Arena arena(kWeights);
        auto networks = std::make_shared<Networks>(Networks{to_pnet(pnet, statistics, integers),
                                                            to_crop_network(kRNet, rnet, arena),
                                                            to_crop_network(kONet, onet, arena),
                                                            {},
                                                            {}});
        if (lnet) networks->lnet.emplace(to_crop_network(kONet, *lnet, arena));
        if (cnet) networks->cnet.emplace(to_crop_network(kONet, *cnet, arena));
        networks_ = std::move(networks);
        opened_.get();
    }

    py::list propose(const py::array_t<std::uint8_t>& image, bool bgr,
                     const std::vector<Level>& levels, double threshold) {
        const std::shared_ptr<OpenEngine> opened = open();
        const ImageView pixels = view(image, bgr);
        const std::vector<LevelSize> sizes = levels_with_cells(levels);
        check_threshold(threshold);
        py::list found;
        opened->parts.with([&](std::vector<Engine::Part>& parts) {
            {
                const ReleasedGil released;
                opened->engine.propose(pixels, sizes, threshold, parts);
            }
            for (std::size_t i = 0; i < sizes.size(); ++i) found.append(of_level(parts, i));
        });
        return found;
    }

    Array<float> refine(const py::array_t<std::uint8_t>& image, bool bgr,
                        const Array<float>& boxes) {
        return classify(networks_->rnet, image, bgr, boxes);
    }

    Array<float> output(const py::array_t<std::uint8_t>& image, bool bgr,
                        const Array<float>& boxes) {
        return classify(networks_->onet, image, bgr, boxes);
    }

    Array<float> landmarks(const py::array_t<std::uint8_t>& image, bool bgr,
                           const Array<float>& boxes) {
        check(networks_->lnet.has_value(), "the engine has no L-Net");
        return classify(*networks_->lnet, image, bgr, boxes);
    }

    Array<float> context(const py::array_t<std::uint8_t>& image, bool bgr,
                         const Array<float>& boxes) {
        check(networks_->cnet.has_value(), "the engine has no C-Net");
        return classify(*networks_->cnet, image, bgr, boxes);
    }

    void close() {
        closed_ = true;
        if (Opened* opened = opened_.find()) end(*opened);
    }

  private:
    std::unique_ptr<Opened> start() const {
        auto opened = std::make_unique<Opened>();
        opened->engine = std::make_shared<OpenEngine>(networks_, threads_);
        return opened;
    }

    // Returns the engine of this process, or throws std::runtime_error if it is closed.
    std::shared_ptr<OpenEngine> open() {
        if (!closed_) {
            Opened& opened = opened_.get();
            const std::lock_guard lock(opened.changing);
            if (opened.engine && !closed_) return opened.engine;
        }
        close();  // again: this process's engine may have begun after the first time
        throw std::runtime_error("the detector is closed");
    }

    static void end(Opened& opened) {
        std::shared_ptr<OpenEngine> last;
        {
            const std::lock_guard lock(opened.changing);
            last.swap(opened.engine);
        }
        const ReleasedGil released;
        last.reset();  // joins the threads
    }

    Array<float> classify(const CropNetwork& network, const py::array_t<std::uint8_t>& image,
                          bool bgr, const Array<float>& boxes) {
        const std::shared_ptr<OpenEngine> opened = open();
        const ImageView pixels = view(image, bgr);
        check_boxes(boxes, "boxes", {kAny, 4});
        Array<float> out({boxes.shape(0), py::ssize_t{network.outputs()}});
        float* to = out.mutable_data();
        const Box* box = rows<Box>(boxes);
        const auto count = static_cast<std::size_t>(boxes.shape(0));
        const ReleasedGil released;
        opened->engine.classify(network, pixels, box, count, to);
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

    std::shared_ptr<const Networks> networks_;
    int threads_ = 0;
    std::atomic<bool> closed_{false};
    PerProcess<Opened> opened_;
};

// Returns what calls a method of the engine on the crops of boxes.
template <auto Method>
auto classifying() {
    return [](Initialized<BoundEngine> self, const py::array_t<std::uint8_t>& image, bool bgr,
              const Array<float>& boxes) { return (self.object.*Method)(image, bgr, boxes); };
}

}  // namespace

void define_engine(py::module_& module) {
    using namespace py::literals;
    using Self = Initialized<BoundEngine>;
    py::class_<BoundEngine>(
        module, "Engine",
        "Runs the networks on threads of its own. May be used from several threads. No bit of a\n"
        "result depends on the number of threads. Raises RuntimeError once it is closed, or where\n"
        "the threads cannot be started. A forked process gets threads of its own.")
        .def(py::init<const Layers&, const Layers&, const Layers&, std::int64_t,
                      const std::optional<Statistics>&, bool, const std::optional<Layers>&,
                      const std::optional<Layers>&>(),
             "pnet"_a, "rnet"_a, "onet"_a, "threads"_a, "statistics"_a = py::none(),
             "integers"_a = false, "lnet"_a = py::none(), "cnet"_a = py::none(),
             "Takes the layers of the networks, as PNet, RNet and ONet do, and starts the threads.")
        .def(
            "propose",
            [](Self self, const py::array_t<std::uint8_t>& image, bool bgr,
               const std::vector<Level>& levels,
               double threshold) { return self->propose(image, bgr, levels, threshold); },
            as_is("image"), "bgr"_a, "levels"_a, "threshold"_a,
            "Returns boxes (N, 4), scores (N,) and regressions (N, 4), float32, of each level "
            "(height, width):\nthe candidates that P-Net finds in the level that resize makes of "
            "the image's Halves.")
        .def(
            "refine", classifying<&BoundEngine::refine>(), as_is("image"), "bgr"_a, "boxes"_a,
            "Returns R-Net's outputs for the crops of boxes (N, 4): (N, 5) float32, face logit and "
            "box\nregression.")
        .def("output", classifying<&BoundEngine::output>(), as_is("image"), "bgr"_a, "boxes"_a,
             "Returns O-Net's outputs for the crops of boxes (N, 4): (N, 15) float32, face logit,\n"
             "box regression and landmarks x1 y1 ... x5 y5.")
        .def("landmarks", classifying<&BoundEngine::landmarks>(), as_is("image"), "bgr"_a,
             "boxes"_a,
             "Returns L-Net's outputs for the crops of boxes (N, 4), as `output` does O-Net's.\n"
             "Raises ValueError if the engine has none.")
        .def("context", classifying<&BoundEngine::context>(), as_is("image"), "bgr"_a, "boxes"_a,
             "Returns C-Net's outputs for the crops of boxes (N, 4), as `output` does O-Net's.\n"
             "Raises ValueError if the engine has none.")
        .def(
            "close", [](Self self) { self->close(); },
            "Joins the threads, after the calls that are under way.");
}

}  // namespace mtcnn::bindings
