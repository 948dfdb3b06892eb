#include "store/directory_watcher.hpp"

#include <spdlog/spdlog.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <set>
#include <thread>

#include "store/disk/folder_index.hpp"
#include "support/priority.hpp"
#include "support/text.hpp"

namespace host::store {

namespace {

using Clock = std::chrono::steady_clock;

// What may wait for its look; beyond it the whole folder is looked through.
constexpr std::size_t kMaxDirty = 10000;
constexpr std::chrono::milliseconds kRetry{1000};
constexpr int kNice = 5;
constexpr std::uint32_t kWatched = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                                   IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

}  // namespace

bool isGalleryName(std::string_view filename) {
    if (filename.empty() || filename[0] == '.' || !isValidUtf8(filename)) return false;
    const std::size_t dot = filename.rfind('.');
    if (dot == std::string_view::npos) return false;
    const std::string_view ending = filename.substr(dot);
    return iequals(ending, ".png") || iequals(ending, ".jpg") || iequals(ending, ".jpeg") ||
           iequals(ending, ".webp");
}

class DirectoryWatcher::Loop {
  public:
    Loop(JobStore& store, std::filesystem::path directory, WatcherOptions options)
        : directory_(std::move(directory)),
          options_(std::move(options)),
          index_(store, directory_, stopping_, options_.isOnItsWay, options_.onChange),
          wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          notify_(options_.useInotify ? ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK) : -1) {
        if (options_.useInotify && notify_.number() < 0) {
            spdlog::warn("the output folder is polled: inotify: {}", std::strerror(errno));
        }
    }

    void start() {
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    }

    void stop() {
        stopping_ = true;
        const std::uint64_t one = 1;
        if (::write(wake_.number(), &one, sizeof one) < 0) spdlog::warn("eventfd write failed");
        if (thread_.joinable()) thread_.join();
    }

  private:
    void run() {
        standBack(kNice);  // the first look at a million pictures keeps a processor busy
        if (options_.onStart) options_.onStart();
        while (!stopping_) {
            attach();
            const Clock::time_point now = Clock::now();
            if (now >= nextScan_) {
                scan();
            } else if (!dirty_.empty() && now >= settledAt_) {
                lookAtDirty();
            }
            sleep();
        }
    }

    // Watches what stands at the path now; a folder that comes (back) is looked through.
    void attach() {
        if (notify_.number() < 0) return;
        struct stat facts = {};
        const bool exists = ::stat(directory_.c_str(), &facts) == 0;
        if (watch_ >= 0 && exists && facts.st_ino == inode_ && facts.st_dev == device_) return;
        detach();
        if (!exists) return;
        watch_ = ::inotify_add_watch(notify_.number(), directory_.c_str(), kWatched);
        if (watch_ < 0) return;
        inode_ = facts.st_ino;
        device_ = facts.st_dev;
        nextScan_ = Clock::now();
    }

    void detach() {
        if (watch_ >= 0) ::inotify_rm_watch(notify_.number(), watch_);
        watch_ = -1;
    }

    void scan() {
        const Clock::time_point begin = Clock::now();
        dirty_.clear();
        const bool done = index_.updateAll();
        const Clock::time_point end = Clock::now();
        if (!done) {
            nextScan_ = end + kRetry;
            return;
        }
        const auto pause = watch_ >= 0 ? options_.rescan : options_.poll;
        // A folder of very many pictures must not keep a processor busy.
        nextScan_ = end + std::max<Clock::duration>(pause, 20 * (end - begin));
    }

    void lookAtDirty() {
        const std::vector<std::string> names(dirty_.begin(), dirty_.end());
        dirty_.clear();
        if (index_.update(names)) return;
        dirty_.insert(names.begin(), names.end());
        settledAt_ = Clock::now() + kRetry;
    }

    void sleep() {
        Clock::time_point until = std::min(nextScan_, Clock::now() + kRetry);
        if (!dirty_.empty()) until = std::min(until, settledAt_);
        const auto pause =
            std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        std::array<pollfd, 2> files = {pollfd{wake_.number(), POLLIN, 0},
                                       pollfd{notify_.number(), POLLIN, 0}};
        if (::poll(files.data(), files.size(), static_cast<int>(std::max<long>(pause, 0))) <= 0) {
            return;
        }
        if ((files[1].revents & POLLIN) != 0) readEvents();
    }

    void readEvents() {
        alignas(inotify_event) std::array<char, 16384> buffer;
        const ssize_t size = ::read(notify_.number(), buffer.data(), buffer.size());
        for (ssize_t at = 0; at < size;) {
            inotify_event event = {};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* name = buffer.data() + at + sizeof event;
            at += static_cast<ssize_t>(sizeof event + event.len);
            note(event, event.len > 0 ? name : "");
        }
    }

    void note(const inotify_event& event, const std::string& name) {
        if ((event.mask & IN_Q_OVERFLOW) != 0) {
            nextScan_ = Clock::now();
            return;
        }
        if (event.wd != watch_) return;  // of a watch that was given up
        if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0) {
            detach();
            return;
        }
        // Deleted files count whatever their ending: the pipeline places .gif too.
        if (name.empty() || name[0] == '.') return;
        if (dirty_.empty()) settledAt_ = Clock::now() + options_.settle;
        dirty_.insert(name);
        if (dirty_.size() > kMaxDirty) {
            dirty_.clear();
            nextScan_ = Clock::now();
        }
    }

    const std::filesystem::path directory_;
    const WatcherOptions options_;
    std::atomic<bool> stopping_ = false;
    FolderIndex index_;
    const Descriptor wake_;
    const Descriptor notify_;

    int watch_ = -1;
    ino_t inode_ = 0;
    dev_t device_ = 0;
    std::set<std::string> dirty_;
    Clock::time_point settledAt_;
    Clock::time_point nextScan_ = Clock::now();
    std::thread thread_;
};

DirectoryWatcher::DirectoryWatcher(JobStore& store, std::filesystem::path directory,
                                   WatcherOptions options)
    : loop_(std::make_unique<Loop>(store, std::move(directory), std::move(options))) {}

DirectoryWatcher::~DirectoryWatcher() {
    stop();
}

void DirectoryWatcher::start() {
    loop_->start();
}

void DirectoryWatcher::stop() {
    loop_->stop();
}

}  // namespace host::store
