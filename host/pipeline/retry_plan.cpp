#include "pipeline/retry_plan.hpp"

#include <map>
#include <set>

namespace host::pipeline {

using store::ItemKind;
using store::ItemRow;
using store::ItemState;

namespace {

class Planner {
  public:
    Planner(const store::JobDetail& detail, const OpenJob& shape)
        : detail_(detail),
          shape_(shape),
          cancelled_(detail.job.status == store::JobStatus::Cancelled) {
        for (const ItemRow& row : detail.items)
            rows_[idOf(row.key)] = &row;
    }

    RetryPlan plan() {
        for (const Slot& slot : shape_.slots) {
            for (int run = 0; run < detail_.job.count; ++run)
                planPicture(slot, run);
        }
        for (const Slot& slot : shape_.promptSlots) {
            for (int run = 0; run < detail_.job.count; ++run)
                planPrompt(slot, run);
        }
        return std::move(plan_);
    }

  private:
    const ItemRow* find(const store::ItemKey& key) const {
        const auto found = rows_.find(idOf(key));
        return found == rows_.end() ? nullptr : found->second;
    }

    bool failedLast(const ItemRow* row) const {
        // Not begun: given up with its job, or cancelled with it.
        if (row == nullptr) return !cancelled_;
        switch (row->state) {
            case ItemState::Done:
                return false;
            case ItemState::Failed:
                return true;
            case ItemState::Cancelled:
                return !row->error.empty();
            case ItemState::Queued:
            case ItemState::Running:
                break;
        }
        return !cancelled_ || !row->error.empty();
    }

    void planPicture(const Slot& slot, int run) {
        const store::ItemKey key{detail_.job.id, ItemKind::Image, run, slot.name};
        const ItemRow* row = find(key);
        if (!failedLast(row)) {
            leaveOut(key, row, slot.lane == kAnyLane ? "" : slot.name);
        } else if (slot.lane == kGoneLane) {
            ItemRow& gone = plan_.gone.emplace_back(row == nullptr ? ItemRow{} : *row);
            gone.key = key;
        } else {
            ++plan_.pictures;
            if (row != nullptr) tryAgain(*row);
            const bool shared = slot.lane == kAnyLane && !shape_.promptSlots.empty();
            prompts_.insert(
                {run, shared ? shape_.promptSlots.front().name : shape_.promptSlotFor(slot.name)});
        }
    }

    void planPrompt(const Slot& slot, int run) {
        const store::ItemKey key{detail_.job.id, ItemKind::Prompt, run, slot.name};
        const ItemRow* row = find(key);
        if (row != nullptr && row->state == ItemState::Done) return;
        if (!prompts_.contains({run, slot.name})) {
            leaveOut(key, row, "");
        } else if (row != nullptr) {
            tryAgain(*row);
        }
    }

    // Its attempts count from the beginning; their numbers, and the last error, go on.
    void tryAgain(const ItemRow& row) {
        ItemRow again;
        again.key = row.key;
        again.endpoint = row.endpoint;
        again.tries = row.tries;
        again.error = row.error;
        plan_.rows.push_back(std::move(again));
    }

    // What is not final needs a row that says so, or the next start would take it up.
    void leaveOut(const store::ItemKey& key, const ItemRow* row, const std::string& endpoint) {
        const bool open =
            row == nullptr || row->state == ItemState::Queued || row->state == ItemState::Running;
        if (!open) return;
        ItemRow left;
        if (row != nullptr) left = *row;
        left.key = key;
        if (left.endpoint.empty()) left.endpoint = endpoint;
        left.state = ItemState::Cancelled;
        left.leaseUntil.reset();
        left.files.clear();
        plan_.rows.push_back(std::move(left));
    }

    const store::JobDetail& detail_;
    const OpenJob& shape_;
    const bool cancelled_;
    std::map<ItemId, const ItemRow*> rows_;
    std::set<std::pair<int, std::string>> prompts_;  // needed, by run and prompt slot
    RetryPlan plan_;
};

}  // namespace

RetryPlan planRetry(const store::JobDetail& detail, const OpenJob& shape) {
    return Planner(detail, shape).plan();
}

}  // namespace host::pipeline
