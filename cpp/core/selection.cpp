#include "core/selection.hpp"

#include <algorithm>

#include "core/calibration.hpp"
#include "core/candidates.hpp"
#include "core/overlaps.hpp"

namespace mtcnn {
namespace {

constexpr std::size_t kLandmarks =
    5;  // column of the first one: after the logit and the regression

}  // namespace

void Seen::append_logits(std::size_t i, std::vector<float>& to) const {
    to.insert(to.end(), logits + i * networks, logits + (i + 1) * networks);
    to.push_back(logit(i));
}

float Seen::fused(std::size_t i, const Score& score) const {
    return score.logit([&](std::size_t network) {
        return network < networks ? logits[i * networks + network] : logit(i);
    });
}

std::size_t Selection::suppress(const Suppression& suppression) {
    kept_.resize(boxes_.size());
    return nms_.run(boxes_.data(), ranking_.data(), boxes_.size(), suppression.threshold,
                    suppression.over, kept_.data());
}

Proposals Selection::propose(const std::vector<LevelCandidates>& levels, double in_level,
                             double over_all) {
    boxes_.clear();
    ranking_.clear();
    regressions_.clear();
    for (const LevelCandidates& level : levels) {
        kept_.resize(level.count);
        const std::size_t count = nms_.run(level.boxes, level.scores, level.count, in_level,
                                           Overlap::kUnion, kept_.data());
        for (std::size_t i = 0; i < count; ++i) {
            boxes_.push_back(level.boxes[kept_[i]]);
            ranking_.push_back(level.scores[kept_[i]]);
            regressions_.push_back(level.regressions[kept_[i]]);
        }
    }
    const std::size_t count = suppress({over_all, Overlap::kUnion});
    Proposals proposals;
    proposals.squares.reserve(count);
    proposals.logits.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        proposals.squares.push_back(square(calibrate(boxes_[kept_[i]], regressions_[kept_[i]])));
        proposals.logits.push_back(limited_logit(ranking_[kept_[i]]));
    }
    return proposals;
}

Proposals Selection::refine(const Seen& seen, double threshold, double overlap, bool calibrated) {
    passed_.resize(seen.count);
    ranking_.resize(seen.count);
    const std::size_t passed = mtcnn::accept(seen.outputs, seen.count, seen.columns, threshold,
                                             passed_.data(), ranking_.data());
    const auto calibrated_box = [&](std::int64_t i) {
        return calibrate(seen.squares[i], seen.regression(i));
    };
    boxes_.clear();
    for (std::size_t i = 0; i < passed; ++i)
        boxes_.push_back(calibrated ? calibrated_box(passed_[i]) : seen.squares[passed_[i]]);
    const std::size_t count = suppress({overlap, Overlap::kUnion});
    Proposals proposals;
    proposals.squares.reserve(count);
    proposals.logits.reserve(count * (seen.networks + 1));
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t from = passed_[kept_[i]];
        proposals.squares.push_back(square(calibrated_box(from)));
        seen.append_logits(from, proposals.logits);
    }
    return proposals;
}

Accepted Selection::accept(const Seen& seen, const Score* score, double threshold,
                           const Suppression& suppression, float offset) {
    passed_.resize(seen.count);
    scores_.resize(seen.count);
    std::size_t passed = 0;
    ranking_.clear();
    if (score) {
        for (std::size_t i = 0; i < seen.count; ++i) {
            const float fused = seen.fused(i, *score);
            const float of_face = probability(fused);
            if (!(of_face > static_cast<float>(threshold))) continue;
            passed_[passed] = static_cast<std::int64_t>(i);
            scores_[passed++] = of_face;
            ranking_.push_back(fused);  // float32 has few probabilities near 1
        }
    } else {
        passed = mtcnn::accept(seen.outputs, seen.count, seen.columns, threshold, passed_.data(),
                               scores_.data());
        ranking_.assign(scores_.begin(), scores_.begin() + static_cast<std::ptrdiff_t>(passed));
    }
    boxes_.clear();
    for (std::size_t i = 0; i < passed; ++i)
        boxes_.push_back(calibrate(seen.squares[passed_[i]], seen.regression(passed_[i])));
    const std::size_t count = suppress(suppression);

    Accepted faces;
    for (std::size_t i = 0; i < count; ++i) {
        const Box& box = boxes_[kept_[i]];
        const std::int64_t from = passed_[kept_[i]];
        faces.boxes.push_back({box.x1 + offset, box.y1 + offset, box.x2 + offset, box.y2 + offset});
        faces.scores.push_back(scores_[kept_[i]]);
        faces.index.push_back(from);
        seen.append_logits(from, faces.logits);
        const float* row = seen.outputs + from * seen.columns;
        for (std::size_t x = kLandmarks; x + 1 < seen.columns; x += 2)
            faces.landmarks.push_back(place(seen.squares[from], {row[x], row[x + 1]}));
    }
    return faces;
}

std::vector<std::int64_t> unsettled(const Box* squares, std::size_t count,
                                    const std::vector<std::int64_t>& shown, const Seen& seen,
                                    const Score* score, float sure, double overlap) {
    std::vector<char> open(count, 1);
    std::vector<Box> settled;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        open[shown[i]] = 0;
        const float logit = score ? seen.fused(i, *score) : seen.logit(i);
        if (probability(logit) >= sure) settled.push_back(squares[shown[i]]);
    }
    std::vector<std::int64_t> left;
    for (std::size_t i = 0; i < count; ++i) {
        const auto is_same = [&](const Box& face) {
            return overlap_of(squares[i], face, Overlap::kUnion) > overlap;
        };
        if (open[i] && std::none_of(settled.begin(), settled.end(), is_same))
            left.push_back(static_cast<std::int64_t>(i));
    }
    return left;
}

}  // namespace mtcnn
