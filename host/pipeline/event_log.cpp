#include "pipeline/event_log.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "support/clock.hpp"

namespace host::pipeline {

namespace {

constexpr int kShift = 20;
constexpr std::uint64_t kPassingMask = (std::uint64_t{1} << kShift) - 1;
// A cursor before every event: reads as one `reset`. Passing events begin at 2 to leave it free.
constexpr std::uint64_t kReset = 1;
constexpr std::size_t kRingEntries = 8192;
constexpr std::size_t kRingBytes = std::size_t{8} << 20;
constexpr int kStorePage = 256;
constexpr std::array<std::string_view, 3> kEnds{R"("status":"completed")", R"("status":"failed")",
                                                R"("status":"cancelled")"};

std::uint64_t cursorOf(std::uint64_t id) {
    return id << kShift;
}

std::string render(std::uint64_t id, const std::string& type, const std::string& data) {
    std::string text;
    text.reserve(data.size() + type.size() + 48);
    text += "id: ";
    text += std::to_string(id);
    text += "\nevent: ";
    text += type;
    text += "\ndata: ";
    text += data;
    text += "\n\n";
    return text;
}

bool endsJob(const store::EventRow& event) {
    if (event.type != "job") return false;
    // Most events of jobs tell of a beginning, and need no parser to be told from an end: inside of
    // a text the quotes would be escaped.
    const bool mayEnd = std::ranges::any_of(
        kEnds, [&](std::string_view end) { return event.data.find(end) != std::string::npos; });
    if (!mayEnd) return false;
    const Json data = Json::parse(event.data, nullptr, false);
    if (!data.is_object()) return false;
    const auto status = store::jobStatusFrom(data.value("status", ""));
    return status && !store::isOpen(*status);
}

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json withHead(const std::string& jobId, const Json& data) {
    Json full = Json::object();
    if (!jobId.empty()) full["job_id"] = jobId;
    full["time"] = epochNow();
    full.update(data);
    return full;
}

}  // namespace

store::EventRow makeEvent(const std::string& type, const std::string& jobId, const Json& data) {
    Json full = withHead(jobId, data);
    store::EventRow row;
    row.time = full.value("time", 0.0);
    row.type = type;
    row.jobId = jobId;
    row.data = dump(full);
    return row;
}

EventLog::EventLog(store::JobStore& store) : store_(store) {
    const auto range = store_.eventRange();
    const std::uint64_t newest = range ? cursorOf(range->newest) : 0;
    const MutexLock lock(mutex_);
    evicted_ = newest;
    newest_ = newest;
}

void EventLog::add(Entry entry) {
    newest_ = entry.cursor;
    ringBytes_ += entry.text.size();
    ring_.push_back(std::move(entry));
    while (ring_.size() > kRingEntries || (ringBytes_ > kRingBytes && ring_.size() > 1)) {
        evicted_ = ring_.front().cursor;
        ringBytes_ -= ring_.front().text.size();
        ring_.pop_front();
    }
}

void EventLog::committed(const std::vector<store::EventRow>& events) {
    if (events.empty()) return;
    {
        const MutexLock lock(mutex_);
        for (const store::EventRow& event : events) {
            add({cursorOf(event.id), event.jobId, render(event.id, event.type, event.data),
                 endsJob(event)});
        }
    }
    if (wake_) wake_();
}

void EventLog::passing(const std::string& type, const std::string& jobId, const Json& data) {
    const std::string text = dump(withHead(jobId, data));
    {
        const MutexLock lock(mutex_);
        const std::uint64_t number = std::max<std::uint64_t>(newest_ & kPassingMask, 1) + 1;
        if (number >= kPassingMask) return;
        const std::uint64_t id = newest_ >> kShift;
        add({cursorOf(id) + number, jobId, render(id, type, text), false});
    }
    if (wake_) wake_();
}

std::shared_ptr<const std::string> EventLog::renderNow(const store::EventRow& event) const {
    const std::uint64_t id = cursorNow() >> kShift;
    return std::make_shared<const std::string>(render(id, event.type, event.data));
}

std::uint64_t EventLog::cursorNow() const {
    const MutexLock lock(mutex_);
    return newest_;
}

std::uint64_t EventLog::cursorAfter(std::uint64_t lastEventId) const {
    const auto range = store_.eventRange();
    if (!range || lastEventId > range->newest) return kReset;
    if (range->oldest > 0 && lastEventId + 1 < range->oldest) return kReset;
    return cursorOf(lastEventId);
}

EventText EventLog::read(std::uint64_t cursor, std::size_t maxBytes, const std::string& jobId) {
    std::uint64_t until = 0;
    {
        const MutexLock lock(mutex_);
        if (cursor == kReset) {
            const std::uint64_t id = newest_ >> kShift;
            const std::string data = dump(withHead(jobId, Json::object()));
            return {std::make_shared<const std::string>(render(id, "reset", data)),
                    std::max(newest_, kReset + 1), false};
        }
        if (cursor >= evicted_) {
            auto text = std::make_shared<std::string>();
            EventText result{nullptr, cursor, false};
            auto entry = std::upper_bound(
                ring_.begin(), ring_.end(), cursor,
                [](std::uint64_t value, const Entry& e) { return value < e.cursor; });
            for (; entry != ring_.end(); ++entry) {
                const bool wanted = jobId.empty() || entry->jobId == jobId;
                if (wanted && !text->empty() && text->size() + entry->text.size() > maxBytes) break;
                result.cursor = entry->cursor;
                if (!wanted) continue;
                *text += entry->text;
                if (!jobId.empty() && entry->endsJob) result.jobEnded = true;
            }
            if (!text->empty()) result.text = std::move(text);
            return result;
        }
        until = evicted_;
    }
    return readStore(cursor, maxBytes, jobId, until);
}

EventText EventLog::readStore(std::uint64_t cursor, std::size_t maxBytes, const std::string& jobId,
                              std::uint64_t until) {
    EventText result{nullptr, cursor, false};
    const auto rows = store_.events(cursor >> kShift, kStorePage, jobId);
    if (!rows) {
        spdlog::warn("event stream: the event history cannot be read: {}", rows.error().message);
        return result;
    }
    auto text = std::make_shared<std::string>();
    bool whole = true;
    for (const store::EventRow& row : *rows) {
        std::string one = render(row.id, row.type, row.data);
        if (!text->empty() && text->size() + one.size() > maxBytes) {
            whole = false;
            break;
        }
        *text += one;
        result.cursor = cursorOf(row.id);
        if (!jobId.empty() && endsJob(row)) result.jobEnded = true;
    }
    // The store had nothing more: everything up to what the ring dropped has been seen.
    if (whole && rows->size() < static_cast<std::size_t>(kStorePage)) {
        result.cursor = std::max(result.cursor, until);
    }
    if (!text->empty()) result.text = std::move(text);
    return result;
}

}  // namespace host::pipeline
