// JobStore over SQLite: a lock on the database, one writer, a few readers. See sqlite_store.hpp.
#pragma once

#include <memory>

#include "store/job_store.hpp"
#include "store/sqlite/database_state.hpp"
#include "store/sqlite/file_lock.hpp"
#include "store/sqlite/group_writer.hpp"
#include "store/sqlite/reader_pool.hpp"

namespace host::store {

class SqliteJobStore final : public JobStore {
  public:
    SqliteJobStore(std::unique_ptr<FileLock> lock, std::unique_ptr<ReaderPool> readers,
                   std::unique_ptr<GroupWriter> writer, std::shared_ptr<DatabaseState> state)
        : lock_(std::move(lock)),
          readers_(std::move(readers)),
          writer_(std::move(writer)),
          state_(std::move(state)) {}
    ~SqliteJobStore() override { closeParts(); }

    void commit(ChangeSet change, Completion completion) override;

    Result<std::vector<JobDetail>> openJobs() override;
    Result<std::optional<JobDetail>> job(const std::string& id) override;
    Result<std::vector<JobDetail>> jobs(const std::vector<std::string>& ids) override;
    Result<std::vector<AttemptRow>> attempts(const std::string& jobId) override;
    Result<JobPage> jobs(std::optional<JobStatus> status, int limit,
                         const std::string& cursor) override;
    Result<std::vector<JobRow>> recentlyFinished(int limit) override;
    Result<std::vector<TimedAttempt>> recentSuccesses(int limit) override;

    Result<ImagePage> images(const ImageQuery& query) override;
    Result<std::optional<ImageRow>> image(const std::string& filename) override;
    Result<std::vector<KnownImage>> knownImages(const std::vector<std::string>& filenames) override;
    Result<std::vector<KnownImage>> knownImagesAfter(const std::string& filename,
                                                     int limit) override;

    Result<std::string> outputFolder() override;
    Result<std::vector<ImageRow>> trashedImages(double afterTime, const std::string& afterFile,
                                                std::optional<double> before, int limit) override;
    Result<bool> knowsTrashFile(const std::string& trashFile) override;
    Result<std::optional<ImageRow>> displacedImage(const std::string& filename) override;

    Result<std::vector<EventRow>> events(std::uint64_t after, int limit,
                                         const std::string& jobId) override;
    Result<EventRange> eventRange() override;
    Result<std::vector<ResultLine>> resultLines(int limit) override;

    StoreFigures figures() const override { return writer_->figures(); }
    std::string_view trouble() const override { return adviceOn(state_->trouble()); }
    void setEventListener(EventListener listener) override;
    void setChangeListener(ChangeListener listener) override;
    void close() override { closeParts(); }

  private:
    void closeParts();

    std::unique_ptr<FileLock> lock_;
    std::unique_ptr<ReaderPool> readers_;
    std::unique_ptr<GroupWriter> writer_;
    std::shared_ptr<DatabaseState> state_;
};

}  // namespace host::store
