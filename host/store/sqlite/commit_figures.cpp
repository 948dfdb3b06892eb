#include "store/sqlite/commit_figures.hpp"

#include <array>

#include "support/metrics.hpp"

namespace host::store {

namespace {

constexpr std::array kSizeBounds{1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0};
constexpr std::array kSecondBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                   0.05,   0.1,   0.25,   1.0,   5.0};

constexpr MetricFamily kGroupSize{"ipl_commit_group_size",
                                  "Changes that went to the disk with one commit.", kSizeBounds};
constexpr MetricFamily kGroupSeconds{"ipl_commit_seconds",
                                     "How long writing and committing a group of changes took.",
                                     kSecondBounds};
constexpr MetricFamily kFailed{"ipl_commit_failures_total",
                               "Groups of changes that could not be committed."};
constexpr MetricFamily kSubmitted{"ipl_jobs_submitted_total", "Jobs that were accepted."};
constexpr MetricFamily kFinished{"ipl_jobs_finished_total", "Jobs that ended, and how."};
constexpr MetricFamily kPictures{"ipl_pictures_total", "Pictures that came out, by endpoint."};
constexpr MetricFamily kAttempts{
    "ipl_attempts_total",
    "Attempts at a picture or a prompt that ended, by endpoint (empty for prompts) and outcome."};

}  // namespace

CommitFigures::CommitFigures(MetricsRegistry* metrics) : metrics_(metrics) {
    if (metrics_ == nullptr) return;
    groupSize_ = &metrics_->histogram(kGroupSize);
    groupSeconds_ = &metrics_->histogram(kGroupSeconds);
    failed_ = &metrics_->counter(kFailed);
    submitted_ = &metrics_->counter(kSubmitted);
}

void CommitFigures::change(const ChangeSet& change) {
    if (metrics_ == nullptr) return;
    if (change.newJob) submitted_->add();
    for (const JobUpdate& job : change.jobs) {
        if (!job.status || isOpen(*job.status)) continue;
        metrics_->counter(kFinished, {{"status", std::string(toString(*job.status))}}).add();
    }
    for (const AttemptRow& attempt : change.attempts) {
        if (!attempt.endedAt) continue;
        metrics_
            ->counter(kAttempts, {{"kind", std::string(toString(attempt.key.kind))},
                                  {"endpoint", attempt.endpoint},
                                  {"outcome", attempt.outcome}})
            .add();
    }
    for (const ImageRow& image : change.images)
        metrics_->counter(kPictures, {{"endpoint", image.endpoint}}).add();
}

void CommitFigures::group(std::size_t changes, double seconds) {
    if (metrics_ == nullptr) return;
    groupSize_->observe(static_cast<double>(changes));
    groupSeconds_->observe(seconds);
}

void CommitFigures::failedGroup() {
    if (failed_ != nullptr) failed_->add();
}

}  // namespace host::store
