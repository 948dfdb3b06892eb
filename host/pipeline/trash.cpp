#include "pipeline/trash.hpp"

#include <spdlog/spdlog.h>

#include "pipeline/event_log.hpp"

namespace host::pipeline {

namespace {

using store::ImageChange;
using store::ImageRow;

constexpr int kBatch = 100;
constexpr std::chrono::seconds kPatience{10};
constexpr int kTurnsToReconcile = 10;

Error noPicture(const std::string& filename) {
    return {ErrorCode::NotFound, "There is no picture \"" + filename + "\"."};
}

store::EventRow trashEvent(const ImageRow& row, const Json& more) {
    Json data = {{"filename", row.filename}};
    data.update(more);
    return makeEvent("image", row.jobId, data);
}

}  // namespace

class Trash::Hold {
  public:
    // Waits for the picture for a bounded time, or not at all.
    Hold(Trash& trash, const std::string& filename, std::chrono::seconds patience)
        : trash_(trash), filename_(filename) {
        const auto until = std::chrono::steady_clock::now() + patience;
        const MutexLock lock(trash_.mutex_);
        while (!(held_ = trash_.held_.insert(filename_).second)) {
            if (patience.count() == 0 || !trash_.changed_.waitUntil(trash_.mutex_, until)) return;
        }
    }
    ~Hold() {
        if (!held_) return;
        const MutexLock lock(trash_.mutex_);
        trash_.held_.erase(filename_);
        trash_.changed_.notifyAll();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    explicit operator bool() const { return held_; }
    static Error refusal() {
        return {ErrorCode::RefusingWork, "The picture is being moved at the moment; try again."};
    }

  private:
    Trash& trash_;
    const std::string filename_;
    bool held_ = false;
};

Trash::Trash(store::JobStore& store, const std::filesystem::path& outputDirectory,
             TrashOptions options)
    : store_(store), options_(std::move(options)), folder_(outputDirectory) {}

Trash::~Trash() {
    stop();
}

Result<ImageRow> Trash::find(const std::string& filename) {
    auto row = store_.image(filename);
    if (!row) return row.error();
    if (!*row) return noPicture(filename);
    return std::move(**row);
}

// Writes the change with its event.
Status Trash::change(const ImageRow& row, ImageChange change) {
    store::ChangeSet set;
    set.events.push_back(trashEvent(row, {{"trashed", change.kind == ImageChange::Kind::Trash}}));
    set.imageChanges.push_back(std::move(change));
    const auto outcome = store_.commitAndWait(std::move(set));
    if (!outcome) return outcome.error();
    if (outcome->imageGone) return noPicture(row.filename);
    return Unit{};
}

// The row of a picture whose file is gone.
Status Trash::forget(const ImageRow& row) {
    store::ChangeSet set;
    if (row.trashFile.empty()) {
        set.removedImages.push_back(row.filename);
    } else {
        set.removedTrash.push_back(row.trashFile);
    }
    set.events.push_back(trashEvent(row, {{"removed", true}}));
    const auto outcome = store_.commitAndWait(std::move(set));
    if (!outcome) return outcome.error();
    if (options_.onRemoved) options_.onRemoved(row.filename);
    return Unit{};
}

Result<ImageRow> Trash::put(const std::string& filename) {
    const Hold hold(*this, filename, kPatience);
    if (!hold) return Hold::refusal();
    auto found = find(filename);
    if (!found || found->trashedAt) return found;
    ImageRow& row = *found;
    if (!folder_.hasPicture(filename)) {
        if (Status gone = forget(row); !gone) return gone.error();
        return noPicture(filename);
    }
    row.trashedAt = options_.now();
    row.trashFile = store::TrashFolder::newName(filename);
    Status done = change(row, {filename, ImageChange::Kind::Trash, *row.trashedAt, row.trashFile});
    if (!done) return done.error();
    done = folder_.put(filename, row.trashFile);
    if (!done) {
        // Should this fail too, the next reconcile() does it.
        const Status undone = change(row, {filename, ImageChange::Kind::Restore, 0, row.trashFile});
        if (!undone) spdlog::warn("a picture that could not be thrown away: {}", filename);
        return done.error();
    }
    if (options_.days == 0) {
        const MutexLock lock(mutex_);
        hurry_ = true;
        changed_.notifyAll();
    }
    return found;
}

Result<ImageRow> Trash::restore(const std::string& filename) {
    const Hold hold(*this, filename, kPatience);
    if (!hold) return Hold::refusal();
    auto found = find(filename);
    if (!found) return found;
    ImageRow& row = *found;
    if (!row.trashedAt) {
        const auto displaced = store_.displacedImage(filename);
        if (!displaced) return displaced.error();
        if (!*displaced) return found;
        Error taken{ErrorCode::Validation,
                    "Another picture has taken the name \"" + filename +
                        "\" meanwhile. The one in the trash is now called \"" +
                        (*displaced)->filename + "\"."};
        taken.details = {{"filename", (*displaced)->filename}};
        return taken;
    }
    Status done = folder_.takeBack(row.trashFile, filename);
    if (!done && done.error().code == ErrorCode::NotFound) {
        if (Status gone = forget(row); !gone) return gone.error();
        return noPicture(filename);
    }
    if (!done && done.error().code == ErrorCode::Validation) {
        return Error{ErrorCode::Validation,
                     "Another file has taken the name \"" + filename +
                         "\" meanwhile. The picture stays in the trash: rename that file first."};
    }
    if (!done) return done.error();
    done = change(row, {filename, ImageChange::Kind::Restore, 0, row.trashFile});
    if (!done) {
        if (!folder_.put(filename, row.trashFile)) {
            spdlog::warn("a picture that could not be restored: {}", filename);
        }
        return done.error();
    }
    row.trashedAt.reset();
    row.trashFile.clear();
    return found;
}

Status Trash::reconcile() {
    const auto last = store_.outputFolder();
    if (!last) return last.error();
    const bool sameFolder = *last == folder_.outputIdentity();
    double afterTime = 0;
    std::string afterFile;
    while (!stopping()) {
        const auto rows = store_.trashedImages(afterTime, afterFile, std::nullopt, kBatch);
        if (!rows) return rows.error();
        if (rows->empty()) break;
        for (const ImageRow& row : *rows)
            settle(row, sameFolder);
        afterTime = *rows->back().trashedAt;
        afterFile = rows->back().trashFile;
    }
    return folder_.forEach([this](const std::string& trashFile, double since) {
        adopt(trashFile, since);
        return !stopping();
    });
}

// A row in the trash whose file is not there: the file never got there or is back already; or
// somebody has deleted it.
void Trash::settle(const ImageRow& row, bool sameFolder) {
    if (folder_.has(row.trashFile)) return;
    const Hold hold(*this, row.filename, std::chrono::seconds(0));
    if (!hold) return;
    const auto now = find(row.filename);
    if (!now || now->trashFile != row.trashFile || folder_.has(row.trashFile)) return;
    Status done = Unit{};
    if (folder_.hasPicture(row.filename)) {
        done = change(row, {row.filename, ImageChange::Kind::Restore, 0, row.trashFile});
    } else if (sameFolder) {
        done = forget(row);
    }
    if (!done) spdlog::warn("the trash waits for the database: {}", done.error().message);
}

// A file in the trash that no row knows: its row was not written (or is older, out of a backup), or
// it is nobody's.
void Trash::adopt(const std::string& trashFile, double since) {
    const auto known = store_.knowsTrashFile(trashFile);
    if (!known || *known) return;
    if (const auto filename = store::TrashFolder::filenameOf(trashFile)) {
        const Hold hold(*this, *filename, std::chrono::seconds(0));
        if (!hold) return;
        const auto row = find(*filename);
        if (row && !row->trashedAt && !folder_.hasPicture(*filename)) {
            const Status done =
                change(*row, {*filename, ImageChange::Kind::Trash, since, trashFile});
            if (!done) spdlog::warn("the trash waits for the database: {}", done.error().message);
            return;
        }
    }
    if (expiry(since) > options_.now()) return;
    if (Status removed = folder_.remove(trashFile); !removed) {
        spdlog::warn("{}: {}", trashFile, removed.error().message);
    }
}

void Trash::empty() {
    const double before = options_.now() - options_.days * 86400.0;
    double afterTime = 0;
    std::string afterFile;
    while (!stopping()) {
        // A moment more, so that what is thrown away this very moment counts with 0 days.
        const auto rows = store_.trashedImages(afterTime, afterFile, before + 0.001, kBatch);
        if (!rows || rows->empty()) return;
        for (const ImageRow& row : *rows) {
            if (stopping()) return;
            // put() may have called for this turn while it still holds the picture.
            const Hold hold(*this, row.filename, kPatience);
            if (!hold) continue;
            const auto now = find(row.filename);
            if (!now || now->trashFile != row.trashFile) continue;
            Status done = folder_.remove(row.trashFile);
            if (done) done = forget(row);
            if (!done) spdlog::warn("{}: {}", row.filename, done.error().message);
        }
        afterTime = *rows->back().trashedAt;
        afterFile = rows->back().trashFile;
    }
}

void Trash::start() {
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Trash::stop() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
        changed_.notifyAll();
    }
    if (thread_.joinable()) thread_.join();
}

bool Trash::stopping() const {
    const MutexLock lock(mutex_);
    return stopping_;
}

void Trash::run() {
    for (int turn = 0;; ++turn) {
        empty();
        if (turn % kTurnsToReconcile == 0 && turn > 0) {
            if (Status done = reconcile(); !done) spdlog::warn("trash: {}", done.error().message);
        }
        const auto until = std::chrono::steady_clock::now() + options_.turn;
        const MutexLock lock(mutex_);
        while (!stopping_ && !hurry_) {
            if (!changed_.waitUntil(mutex_, until)) break;
        }
        if (stopping_) return;
        hurry_ = false;
    }
}

}  // namespace host::pipeline
