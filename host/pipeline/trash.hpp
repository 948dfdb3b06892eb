// Throws pictures away and gets them back: the file moves to the trash folder, its row keeps all it
// knows and says where the file is. What has been there for the given days goes for good.
//
// The row is written before the file moves in, and after it has moved out; both are on disk when a
// function returns success. reconcile() brings row and file together whatever a crash has left.
// Threads: put() and restore() from any; start() begins one of its own that empties the trash and
// looks after what people do in the folder by hand. The store must outlive it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "store/disk/trash_folder.hpp"
#include "store/job_store.hpp"
#include "support/clock.hpp"
#include "support/sync.hpp"

namespace host::pipeline {

struct TrashOptions {
    int days = 30;  // 0: gone for good at the next turn, which put() calls for
    std::function<double()> now = epochNow;
    std::chrono::milliseconds turn{60'000};
    // A picture is gone for good. Any thread; must be quick.
    std::function<void(const std::string& filename)> onRemoved;
};

class Trash {
  public:
    Trash(store::JobStore& store, const std::filesystem::path& outputDirectory,
          TrashOptions options);
    ~Trash();  // stop()
    Trash(const Trash&) = delete;
    Trash& operator=(const Trash&) = delete;

    // Before the output folder is watched.
    Status reconcile();
    void start();
    void stop();

    // The picture's row as it is afterwards; a picture in the trash already is left as it is.
    // NotFound when there is none.
    Result<store::ImageRow> put(const std::string& filename);
    // Likewise. Validation, and the picture stays in the trash, when its name was taken meanwhile.
    Result<store::ImageRow> restore(const std::string& filename);

    // When a picture thrown away then goes for good.
    double expiry(double trashedAt) const { return trashedAt + options_.days * 86400.0; }
    const store::TrashFolder& folder() const { return folder_; }

  private:
    // Keeps others off a picture while its file and row are changed.
    class Hold;

    Result<store::ImageRow> find(const std::string& filename);
    Status change(const store::ImageRow& row, store::ImageChange change);
    Status forget(const store::ImageRow& row);
    void settle(const store::ImageRow& row, bool sameFolder);
    void adopt(const std::string& trashFile, double since);
    void empty();
    void run();
    bool stopping() const;

    store::JobStore& store_;
    const TrashOptions options_;
    store::TrashFolder folder_;

    mutable Mutex mutex_;
    CondVar changed_;
    std::set<std::string> held_ IPL_GUARDED_BY(mutex_);
    bool stopping_ IPL_GUARDED_BY(mutex_) = false;
    bool hurry_ IPL_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace host::pipeline
