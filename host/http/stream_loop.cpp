#include "http/stream_loop.hpp"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include "http/late_answer.hpp"

namespace host::http {

namespace {

constexpr std::uint64_t kWakeupId = 0;
// Bounds what the kernel keeps for a client that does not read.
constexpr int kSocketBuffer = 64 * 1024;

struct Place {
    const EventSource* source;
    std::uint64_t cursor;
    bool operator==(const Place&) const = default;
};
struct PlaceHash {
    std::size_t operator()(const Place& place) const {
        return std::hash<const void*>()(place.source) ^ (place.cursor * 0x9E3779B97F4A7C15ull);
    }
};

}  // namespace

StreamLoop::StreamLoop(EventHubOptions options)
    : options_(options), heartbeat_(std::make_shared<const std::string>(":\n\n")) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    wakeup_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kWakeupId;
    if (epoll_ < 0 || wakeup_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll");
    }
}

StreamLoop::~StreamLoop() {
    stop();
    ::close(epoll_);
    ::close(wakeup_);
}

void StreamLoop::start() {
    if (started_) return;
    started_ = true;
    sender_ = std::thread([this] { send(); });
    reader_ = std::thread([this] { readSources(); });
}

void StreamLoop::signal() {
    if (signalled_.exchange(true)) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(wakeup_, &one, sizeof one);
}

void StreamLoop::wake() {
    generation_.fetch_add(1);
    if (streams_.load() > 0) signal();
}

bool StreamLoop::reserve() {
    if (streams_.fetch_add(1) < options_.maxStreams) return true;
    streams_.fetch_sub(1);
    return false;
}

void StreamLoop::adopt(int socket, std::string unsentHead, std::shared_ptr<EventSource> source,
                       std::uint64_t cursor, std::function<void()> onClose) {
    ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
    Stream stream;
    stream.socket = socket;
    stream.source = std::move(source);
    stream.cursor = cursor;
    stream.onClose = std::move(onClose);
    stream.pending = std::make_shared<const std::string>(std::move(unsentHead));
    std::optional<Stream> refused(std::move(stream));
    {
        MutexLock lock(mutex_);
        if (!stopping_) {
            start();
            adopted_.push_back(std::move(*refused));
            refused.reset();
        }
    }
    if (!refused) return signal();
    ::close(refused->socket);
    refused->onClose();
    streams_.fetch_sub(1);
}

void StreamLoop::stop() {
    std::thread sender;
    std::thread reader;
    {
        MutexLock lock(mutex_);
        stopping_ = true;
        sender.swap(sender_);
        reader.swap(reader_);
        toRead_.notifyAll();
    }
    signal();
    if (sender.joinable()) sender.join();
    if (reader.joinable()) reader.join();
}

void StreamLoop::readSources() {
    while (true) {
        ReadResult result;
        {
            MutexLock lock(mutex_);
            while (reads_.empty() && !stopping_)
                toRead_.wait(mutex_);
            if (stopping_) return;
            result.read = std::move(reads_.front());
            reads_.pop_front();
        }
        try {
            result.batch = result.read.source->read(result.read.cursor, options_.batchBytes);
        } catch (const std::exception& fault) {
            spdlog::error("reading events failed: {}", fault.what());
            result.failed = true;
        }
        {
            MutexLock lock(mutex_);
            results_.push_back(std::move(result));
        }
        signal();
    }
}

void StreamLoop::send() {
    std::array<epoll_event, 256> events;
    const auto shortest = std::min(options_.heartbeat, options_.stallLimit) / 4;
    const int tick = static_cast<int>(std::clamp<std::int64_t>(shortest.count(), 10, 1000));
    while (true) {
        const int timeout = open_.empty() ? -1 : tick;
        const int count =
            ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 != kWakeupId) onEvent(event.data.u64, event.events);
        }
        if (signalled_.load()) {
            std::uint64_t ignored = 0;
            [[maybe_unused]] const ssize_t got = ::read(wakeup_, &ignored, sizeof ignored);
            signalled_.store(false);
        }
        {
            MutexLock lock(mutex_);
            if (stopping_) break;
        }
        takeNews();
        askForMore();
        if (const auto now = Clock::now(); now >= nextTick_) {
            nextTick_ = now + std::chrono::milliseconds(tick);
            keepTime();
        }
    }
    takeNews();
    while (!open_.empty())
        close(open_.begin()->first);
}

void StreamLoop::takeNews() {
    std::vector<Stream> adopted;
    std::vector<ReadResult> results;
    {
        MutexLock lock(mutex_);
        adopted.swap(adopted_);
        results.swap(results_);
    }
    for (Stream& stream : adopted) {
        const Id id = nextId_++;
        stream.progress = Clock::now();
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
        event.data.u64 = id;
        const bool added = ::epoll_ctl(epoll_, EPOLL_CTL_ADD, stream.socket, &event) == 0;
        Stream& placed = open_[id] = std::move(stream);
        hungry_ = true;
        if (added) {
            flush(id, placed);
        } else {
            close(id);
        }
    }
    for (const ReadResult& result : results)
        apply(result);
}

void StreamLoop::apply(const ReadResult& result) {
    const EventBatch& batch = result.batch;
    const bool found = batch.text && !batch.text->empty();
    for (const Id id : result.read.streams) {
        const auto place = open_.find(id);
        if (place == open_.end()) continue;
        Stream& stream = place->second;
        stream.reading = false;
        if (result.failed) {
            close(id);
            continue;
        }
        // Nothing found and no way forward: quiet until the next wake, unless one came meanwhile.
        stream.caughtUp = !found && batch.cursor <= stream.cursor;
        stream.seen = result.read.generation;
        stream.cursor = std::max(stream.cursor, batch.cursor);
        stream.finished = batch.finished;
        hungry_ = true;
        if (found) {
            stream.pending = batch.text;
            stream.sent = 0;
            stream.progress = Clock::now();
            flush(id, stream);
        } else if (stream.finished) {
            close(id);
        }
    }
}

void StreamLoop::askForMore() {
    const std::uint64_t generation = generation_.load();
    if (!hungry_ && generation == asked_) return;
    hungry_ = false;
    asked_ = generation;
    std::unordered_map<Place, Read, PlaceHash> places;
    for (auto& [id, stream] : open_) {
        // One batch at a time: the next one is asked for when the client has taken this one.
        if (stream.reading || stream.pending || stream.finished) continue;
        if (stream.caughtUp && stream.seen == generation) continue;
        stream.reading = true;
        Read& read = places[{stream.source.get(), stream.cursor}];
        if (read.streams.empty()) {
            read.source = stream.source;
            read.cursor = stream.cursor;
            read.generation = generation;
        }
        read.streams.push_back(id);
    }
    if (places.empty()) return;
    std::vector<Read> ordered;
    ordered.reserve(places.size());
    for (auto& entry : places)
        ordered.push_back(std::move(entry.second));
    // The crowd first: those who catch up alone must not delay a broadcast.
    std::sort(ordered.begin(), ordered.end(),
              [](const Read& a, const Read& b) { return a.streams.size() > b.streams.size(); });
    MutexLock lock(mutex_);
    for (Read& read : ordered) {
        if (read.streams.size() > 1) {
            reads_.push_front(std::move(read));
        } else {
            reads_.push_back(std::move(read));
        }
    }
    toRead_.notifyOne();
}

// Sends what is pending as far as the socket takes it. May close the stream.
void StreamLoop::flush(Id id, Stream& stream) {
    while (stream.pending && stream.sent < stream.pending->size()) {
        const ssize_t got =
            ::send(stream.socket, stream.pending->data() + stream.sent,
                   stream.pending->size() - stream.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (got < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK) return;
            return close(id);
        }
        stream.sent += static_cast<std::size_t>(got);
        stream.progress = Clock::now();
    }
    stream.pending.reset();
    stream.sent = 0;
    hungry_ = true;
    if (stream.finished) close(id);
}

void StreamLoop::onEvent(Id id, std::uint32_t events) {
    const auto place = open_.find(id);
    if (place == open_.end()) return;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) return close(id);
    if ((events & EPOLLIN) != 0) {
        // A stream's client has nothing more to say; a few reads keep its closing visible.
        char ignored[4096];
        for (int i = 0; i < 16; ++i) {
            const ssize_t got = ::recv(place->second.socket, ignored, sizeof ignored, MSG_DONTWAIT);
            if (got == 0) return close(id);
            if (got < 0) break;
        }
    }
    if (place->second.pending) flush(id, place->second);
}

void StreamLoop::keepTime() {
    const auto now = Clock::now();
    std::vector<Id> stalled;
    std::vector<Id> quiet;
    for (const auto& [id, stream] : open_) {
        if (stream.pending && now >= stream.progress + options_.stallLimit) stalled.push_back(id);
        if (!stream.pending && now >= stream.progress + options_.heartbeat) quiet.push_back(id);
    }
    for (const Id id : stalled)
        close(id);
    for (const Id id : quiet) {
        Stream& stream = open_.at(id);
        // A read under way must not find the place taken: its batch would follow the heartbeat.
        if (stream.reading) continue;
        // Nor may anything stand before the status line of an answer that is yet to come.
        if (dynamic_cast<LateAnswer*>(stream.source.get()) != nullptr) {
            stream.progress = now;
            continue;
        }
        stream.pending = heartbeat_;
        stream.progress = now;
        flush(id, stream);
    }
}

void StreamLoop::close(Id id) {
    const auto place = open_.find(id);
    if (place == open_.end()) return;
    // shutdown as well: it tells the client at once even if a fork holds a copy.
    ::shutdown(place->second.socket, SHUT_RDWR);
    ::close(place->second.socket);
    const std::function<void()> onClose = std::move(place->second.onClose);
    open_.erase(place);
    onClose();
    streams_.fetch_sub(1);
}

}  // namespace host::http
