#include "store/sqlite/sqlite_job_store.hpp"

#include <limits>

#include "store/sqlite/image_reads.hpp"
#include "store/sqlite/job_reads.hpp"

namespace host::store {

namespace {

// Pages larger than any caller may ask for; keeps a mistake from reading a whole table.
constexpr int kMaxPage = 20000;

int bounded(int limit) {
    return std::clamp(limit, 1, kMaxPage);
}

std::vector<EventRow> readEvents(Connection& connection, std::uint64_t after, int limit,
                                 const std::string& jobId) {
    const auto id = static_cast<std::int64_t>(
        std::min<std::uint64_t>(after, std::numeric_limits<std::int64_t>::max()));
    std::vector<EventRow> events;
    const auto collect = [&](Query& rows) {
        while (rows.next()) {
            EventRow& event = events.emplace_back();
            event.id = static_cast<std::uint64_t>(rows.integer(0));
            event.time = rows.real(1);
            event.type = rows.text(2);
            event.jobId = rows.text(3);
            event.data = rows.text(4);
        }
    };
    if (jobId.empty()) {
        Query rows = connection.query(
            "SELECT id, time, type, job_id, data FROM events WHERE id > ? ORDER BY id LIMIT ?", id,
            limit);
        collect(rows);
    } else {
        Query rows = connection.query(
            "SELECT id, time, type, job_id, data FROM events"
            " WHERE job_id = ? AND job_id <> '' AND id > ? ORDER BY id LIMIT ?",
            jobId, id, limit);
        collect(rows);
    }
    return events;
}

EventRange readEventRange(Connection& connection) {
    EventRange range;
    Query row =
        connection.query("SELECT (SELECT min(id) FROM events), (SELECT max(id) FROM events)");
    if (row.next()) {
        range.oldest = static_cast<std::uint64_t>(row.integer(0));
        range.newest = static_cast<std::uint64_t>(row.integer(1));
    }
    return range;
}

std::vector<ResultLine> readResultLines(Connection& connection, int limit) {
    std::vector<ResultLine> lines;
    Query rows = connection.query("SELECT id, line FROM result_lines ORDER BY id LIMIT ?", limit);
    while (rows.next()) {
        lines.push_back({static_cast<std::uint64_t>(rows.integer(0)), rows.text(1)});
    }
    return lines;
}

}  // namespace

void SqliteJobStore::commit(ChangeSet change, Completion completion) {
    writer_->submit(std::move(change), std::move(completion));
}

Result<std::vector<JobDetail>> SqliteJobStore::openJobs() {
    return readers_->read([](Connection& connection) { return readOpenJobs(connection); });
}

Result<std::optional<JobDetail>> SqliteJobStore::job(const std::string& id) {
    return readers_->read([&](Connection& connection) { return readJob(connection, id); });
}

Result<std::vector<JobDetail>> SqliteJobStore::jobs(const std::vector<std::string>& ids) {
    return readers_->read([&](Connection& connection) {
        std::vector<JobDetail> details;
        for (const std::string& id : ids) {
            if (auto detail = readJob(connection, id)) details.push_back(std::move(*detail));
        }
        return details;
    });
}

Result<std::vector<AttemptRow>> SqliteJobStore::attempts(const std::string& jobId) {
    return readers_->read([&](Connection& connection) { return readAttempts(connection, jobId); });
}

Result<JobPage> SqliteJobStore::jobs(std::optional<JobStatus> status, int limit,
                                     const std::string& cursor) {
    std::int64_t below = std::numeric_limits<std::int64_t>::max();
    if (!cursor.empty()) {
        const auto parsed = parseJobCursor(cursor);
        if (!parsed) return parsed.error();
        below = *parsed;
    }
    const int size = bounded(limit);
    auto rows = readers_->read(
        [&](Connection& connection) { return readJobs(connection, status, size + 1, below); });
    if (!rows) return rows.error();
    JobPage page{std::move(*rows), {}};
    if (std::ssize(page.jobs) > size) {
        page.jobs.resize(static_cast<std::size_t>(size));
        page.nextCursor = jobCursor(page.jobs.back().seq);
    }
    return page;
}

Result<std::vector<JobRow>> SqliteJobStore::recentlyFinished(int limit) {
    return readers_->read(
        [&](Connection& connection) { return readRecentlyFinished(connection, bounded(limit)); });
}

Result<std::vector<TimedAttempt>> SqliteJobStore::recentSuccesses(int limit) {
    return readers_->read(
        [&](Connection& connection) { return readRecentSuccesses(connection, bounded(limit)); });
}

Result<ImagePage> SqliteJobStore::images(const ImageQuery& query) {
    std::optional<ImagePlace> after;
    if (!query.cursor.empty()) {
        auto parsed = parseImageCursor(query.cursor);
        if (!parsed) return parsed.error();
        after = std::move(*parsed);
    }
    ImageQuery asked = query;
    asked.limit = bounded(query.limit);
    auto rows = readers_->read(
        [&](Connection& connection) { return readImages(connection, asked, after); });
    if (!rows) return rows.error();
    ImagePage page{std::move(*rows), {}};
    if (std::ssize(page.images) > asked.limit) {
        page.images.resize(static_cast<std::size_t>(asked.limit));
        page.nextCursor = imageCursor({page.images.back().mtime, page.images.back().filename});
    }
    return page;
}

Result<std::optional<ImageRow>> SqliteJobStore::image(const std::string& filename) {
    return readers_->read([&](Connection& connection) { return readImage(connection, filename); });
}

Result<std::vector<KnownImage>> SqliteJobStore::knownImages(
    const std::vector<std::string>& filenames) {
    return readers_->read(
        [&](Connection& connection) { return readKnownImages(connection, filenames); });
}

Result<std::vector<KnownImage>> SqliteJobStore::knownImagesAfter(const std::string& filename,
                                                                 int limit) {
    return readers_->read([&](Connection& connection) {
        return readKnownImagesAfter(connection, filename, bounded(limit));
    });
}

Result<std::string> SqliteJobStore::outputFolder() {
    return readers_->read([](Connection& connection) {
        Query row = connection.query("SELECT value FROM meta WHERE key = 'output_folder'");
        return row.next() ? row.text(0) : std::string();
    });
}

Result<std::vector<ImageRow>> SqliteJobStore::trashedImages(double afterTime,
                                                            const std::string& afterFile,
                                                            std::optional<double> before,
                                                            int limit) {
    return readers_->read([&](Connection& connection) {
        return readTrashedImages(connection, afterTime, afterFile, before, bounded(limit));
    });
}

Result<bool> SqliteJobStore::knowsTrashFile(const std::string& trashFile) {
    return readers_->read(
        [&](Connection& connection) { return readKnowsTrashFile(connection, trashFile); });
}

Result<std::optional<ImageRow>> SqliteJobStore::displacedImage(const std::string& filename) {
    return readers_->read(
        [&](Connection& connection) { return readDisplacedImage(connection, filename); });
}

Result<std::vector<EventRow>> SqliteJobStore::events(std::uint64_t after, int limit,
                                                     const std::string& jobId) {
    return readers_->read([&](Connection& connection) {
        return readEvents(connection, after, bounded(limit), jobId);
    });
}

Result<EventRange> SqliteJobStore::eventRange() {
    return readers_->read([](Connection& connection) { return readEventRange(connection); });
}

Result<std::vector<ResultLine>> SqliteJobStore::resultLines(int limit) {
    return readers_->read(
        [&](Connection& connection) { return readResultLines(connection, bounded(limit)); });
}

void SqliteJobStore::setEventListener(EventListener listener) {
    writer_->setListener(std::move(listener));
}

void SqliteJobStore::setChangeListener(ChangeListener listener) {
    writer_->setChangeListener(std::move(listener));
}

// Completions of the last changes may still read; the log can only be emptied when nobody does.
void SqliteJobStore::closeParts() {
    writer_->stop();
    readers_->close();
    writer_->closeConnection();
    lock_.reset();
}

}  // namespace host::store
