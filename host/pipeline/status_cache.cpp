#include "pipeline/status_cache.hpp"

namespace host::pipeline {

StatusCache::Text StatusCache::find(const std::string& jobId, Use use) {
    const MutexLock lock(mutex_);
    const auto found = byJob_.find(jobId);
    if (found == byJob_.end()) return nullptr;
    if (found->second->use == Use::Lists && use != Use::Lists) return nullptr;
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->text;
}

std::uint64_t StatusCache::beforeReading() const {
    const MutexLock lock(mutex_);
    return commits_;
}

void StatusCache::put(const std::string& jobId, Text text, std::uint64_t before, Use use) {
    if (text->size() > kMaxText) return;
    const MutexLock lock(mutex_);
    if (commits_ != before || byJob_.contains(jobId)) return;
    bytes_ += text->size();
    recent_.push_front({jobId, std::move(text), use});
    byJob_[jobId] = recent_.begin();
    while (recent_.size() > kMaxEntries || bytes_ > kMaxBytes)
        drop(std::prev(recent_.end()));
}

void StatusCache::changed(const std::vector<std::string>& jobIds) {
    const MutexLock lock(mutex_);
    ++commits_;
    for (const std::string& jobId : jobIds) {
        if (const auto found = byJob_.find(jobId); found != byJob_.end()) drop(found->second);
    }
}

void StatusCache::drop(std::list<Entry>::iterator entry) {
    bytes_ -= entry->text->size();
    byJob_.erase(entry->jobId);
    recent_.erase(entry);
}

}  // namespace host::pipeline
