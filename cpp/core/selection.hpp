// The steps between the networks (section 2.1): which boxes go on to the next one, and as which
// squares.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/box.hpp"
#include "core/nms.hpp"
#include "core/score.hpp"

namespace mtcnn {

// P-Net's candidates in a level, in memory of others.
struct LevelCandidates {
    const Box* boxes;
    const float* scores;
    const Regression* regressions;
    std::size_t count;
};

// Squares for the crops of the next network, with the face logits of the networks so far.
struct Proposals {
    std::vector<Box> squares;
    std::vector<float> logits;  // (squares, networks)
};

// Proposals that a network has seen, in memory of others.
struct Seen {
    const Box* squares;
    std::size_t count;
    const float* logits;  // (count, networks), of the networks before it
    std::size_t networks;
    const float* outputs;  // (count, columns): face logit, regression, landmarks
    std::size_t columns;

    float logit(std::size_t i) const { return outputs[i * columns]; }
    Regression regression(std::size_t i) const {
        const float* row = outputs + i * columns;
        return {row[1], row[2], row[3], row[4]};
    }
    // Appends the logits of a square, this network's included.
    void append_logits(std::size_t i, std::vector<float>& to) const;
    // Returns the logit of a square's score; its `networks` are one more.
    float fused(std::size_t i, const Score& score) const;
};

// What the last network accepts, best first.
struct Accepted {
    std::vector<Box> boxes;
    std::vector<float> scores;
    std::vector<Point> landmarks;     // (boxes, landmarks of a face)
    std::vector<std::int64_t> index;  // among the squares
    std::vector<float> logits;        // (boxes, networks)
};

// An NMS; `threshold` is an overlap.
struct Suppression {
    double threshold;
    Overlap over;
};

// Does one step after another, and keeps the memory for the next one.
class Selection {
  public:
    // After P-Net: an NMS in each level, with one threshold, and one over all, with another.
    Proposals propose(const std::vector<LevelCandidates>& levels, double in_level, double over_all);

    // After R-Net: the squares above the probability `threshold`; the NMS is over them or, with
    // `calibrated`, over their calibrated boxes.
    Proposals refine(const Seen& seen, double threshold, double overlap, bool calibrated);

    // After O-Net: the calibrated boxes, with `offset` added to every side, whose score is above
    // `threshold`. Without a score, which may be null, it is O-Net's probability.
    Accepted accept(const Seen& seen, const Score* score, double threshold,
                    const Suppression& suppression, float offset);

  private:
    // Runs the NMS over boxes_ and ranking_; returns what stays, from kept_.
    std::size_t suppress(const Suppression& suppression);

    Nms nms_;
    std::vector<Box> boxes_;
    std::vector<float> scores_, ranking_;
    std::vector<Regression> regressions_;
    std::vector<std::int64_t> passed_, kept_;
};

// Returns the indices of the squares that are not among `shown` and overlap none of those whose
// score is `sure` or more by an IoU above `overlap`. seen: what O-Net gave for `shown`, without the
// squares.
std::vector<std::int64_t> unsettled(const Box* squares, std::size_t count,
                                    const std::vector<std::int64_t>& shown, const Seen& seen,
                                    const Score* score, float sure, double overlap);

}  // namespace mtcnn
