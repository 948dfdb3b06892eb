// Makes the thumbnails of the gallery's pictures on threads of its own, which give way to drawing:
// one for those that somebody waits for, one that also makes those of new pictures ahead of time.
// Each state of a picture is tried once; one that cannot be read is remembered.
//
// Public functions may be called from any thread. Bounds: the queues (new pictures beyond theirs
// get their thumbnail when somebody asks), the size of a picture's file; imaging::thumbnail bounds
// the rest.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "pipeline/thumbnail_folder.hpp"
#include "store/job_store.hpp"
#include "support/sync.hpp"

namespace host::pipeline {

struct ThumbnailerOptions {
    std::size_t maxAhead = 10'000;  // new pictures that wait
    std::size_t maxAsked = 256;     // pictures that somebody waits for
    std::uint64_t maxFileBytes = std::uint64_t{256} << 20;
    std::function<Result<std::string>(std::string_view)> make;  // imaging::thumbnail when empty
};

class Thumbnailer {
  public:
    Thumbnailer(store::JobStore& store, std::filesystem::path outputDirectory,
                std::filesystem::path folder, ThumbnailerOptions options = {});
    ~Thumbnailer();  // stop()
    Thumbnailer(const Thumbnailer&) = delete;
    Thumbnailer& operator=(const Thumbnailer&) = delete;

    void start();
    void stop();

    // A picture has come or changed. Returns at once.
    void want(const std::string& filename);
    // For the store's listener: want() for each picture that was drawn.
    void committed(const std::vector<store::EventRow>& events);
    // A picture is gone for good.
    void forget(const std::string& filename) { folder_.remove(filename); }
    // The thumbnail's file, made now when need be, also of a picture in the trash. NotFound when
    // there is no such picture or none can be made of it; RefusingWork when it takes longer than
    // `patience`.
    Result<std::filesystem::path> get(const std::string& filename,
                                      std::chrono::milliseconds patience);

  private:
    // One picture, from its arrival in a queue to its end.
    struct Task {
        bool running = false;
        bool asked = false;
        std::optional<Result<std::filesystem::path>> outcome;
    };
    using TaskPointer = std::shared_ptr<Task>;

    struct OpenPicture;
    Result<OpenPicture> open(const std::string& filename) const;
    Result<std::filesystem::path> make(const std::string& filename);
    Result<std::filesystem::path> makeGuarded(const std::string& filename);
    TaskPointer take(bool onlyAsked, std::string& filename) IPL_REQUIRES(mutex_);
    void run(bool onlyAsked);

    store::JobStore& store_;
    const std::filesystem::path output_;
    const ThumbnailerOptions options_;
    ThumbnailFolder folder_;

    Mutex mutex_;
    CondVar work_;
    CondVar done_;
    std::unordered_map<std::string, TaskPointer> tasks_ IPL_GUARDED_BY(mutex_);
    std::deque<std::string> asked_ IPL_GUARDED_BY(mutex_);
    std::deque<std::string> ahead_ IPL_GUARDED_BY(mutex_);
    bool stopping_ IPL_GUARDED_BY(mutex_) = false;
    std::vector<std::thread> threads_;
};

}  // namespace host::pipeline
