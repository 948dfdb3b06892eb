#include "store/sqlite/change.hpp"

#include "store/sqlite/image_writes.hpp"

namespace host::store {

namespace {

constexpr double kIdempotencySeconds = 24 * 3600;

std::string textOf(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string filesText(const std::vector<PlannedFile>& files) {
    Json list = Json::array();
    for (const PlannedFile& file : files) {
        list.push_back({{"name", file.name}, {"inode", file.inode}});
    }
    return textOf(list);
}

std::size_t sizeOf(const PreparedChange& prepared) {
    constexpr std::size_t kRow = 200;  // what a row costs beside its texts
    std::size_t size = kRow + prepared.request.size() + prepared.prompt.size();
    for (const std::string& text : prepared.itemFiles)
        size += kRow + text.size();
    for (const std::string& text : prepared.itemResults)
        size += text.size();
    const ChangeSet& change = prepared.change;
    for (const ItemRow& item : change.items)
        size += item.error.size();
    for (const JobUpdate& job : change.jobs)
        size += kRow + (job.error ? job.error->size() : 0);
    for (const AttemptRow& attempt : change.attempts)
        size += kRow + attempt.error.size();
    for (const auto* images : {&change.images, &change.foundImages}) {
        for (const ImageRow& image : *images) {
            size += kRow + image.prompt.size() + image.filename.size();
        }
    }
    for (const std::string& name : change.removedImages)
        size += kRow + name.size();
    for (const std::string& name : change.removedTrash)
        size += kRow + name.size();
    for (const ImageChange& image : change.imageChanges)
        size += kRow + image.filename.size();
    for (const std::string& line : change.resultLines)
        size += kRow + line.size();
    for (const EventRow& event : change.events)
        size += kRow + event.data.size();
    return size + change.writtenResultLines.size() * sizeof(std::uint64_t);
}

}  // namespace

PreparedChange prepareChange(ChangeSet change) {
    PreparedChange prepared;
    if (change.newJob) {
        prepared.request = textOf(change.newJob->request);
        const auto prompt = change.newJob->request.find("prompt");
        if (prompt != change.newJob->request.end() && prompt->is_string()) {
            prepared.prompt = prompt->get_ref<const std::string&>();
        }
    }
    for (const ItemRow& item : change.items) {
        prepared.itemFiles.push_back(item.files.empty() ? "[]" : filesText(item.files));
        prepared.itemResults.push_back(item.result.empty() ? "{}" : textOf(item.result));
    }
    prepared.change = std::move(change);
    prepared.bytes = sizeOf(prepared);
    return prepared;
}

void ChangeWriter::begin() {
    Query query = connection_.query("SELECT max(seq) FROM jobs");
    if (query.next()) lastSeq_ = query.integer(0);
}

bool ChangeWriter::refuses(const CommitOutcome& outcome) {
    return outcome.conflict || outcome.idTaken || outcome.imageGone || outcome.bodyDiffers ||
           !outcome.existingJobId.empty();
}

CommitOutcome ChangeWriter::write(PreparedChange& prepared) {
    CommitOutcome outcome;
    ChangeSet& change = prepared.change;
    if (change.newJob) {
        if (knownKey(prepared, outcome) || !addJob(prepared, outcome)) return outcome;
    } else if (change.idempotency) {
        outcome.conflict = !findKey(*change.idempotency, outcome);
        return outcome;
    }
    if (change.claim && !mayClaim(*change.claim)) {
        outcome.conflict = true;
        return outcome;
    }
    if (change.reopen && !reopenJob(*change.reopen)) {
        outcome.conflict = true;
        return outcome;
    }
    for (const ImageChange& image : change.imageChanges) {
        if (changeImage(connection_, image)) continue;
        outcome.imageGone = true;
        return outcome;
    }
    for (const JobUpdate& update : change.jobs)
        updateJob(update);
    for (std::size_t i = 0; i < change.items.size(); ++i) {
        writeItem(change.items[i], prepared.itemFiles[i], prepared.itemResults[i]);
    }
    for (const AttemptRow& attempt : change.attempts)
        writeAttempt(attempt);
    for (const std::string& name : change.removedImages)
        removeImage(connection_, name);
    for (const std::string& trashFile : change.removedTrash)
        removeTrashedImage(connection_, trashFile);
    for (const ImageRow& image : change.images)
        writeImage(connection_, image);
    for (const ImageRow& image : change.foundImages)
        writeFoundImage(connection_, image);
    if (change.outputFolder) {
        connection_.run("INSERT OR REPLACE INTO meta VALUES ('output_folder', ?)",
                        *change.outputFolder);
    }
    for (const std::string& line : change.resultLines) {
        connection_.run("INSERT INTO result_lines(line) VALUES (?)", line);
    }
    for (const std::uint64_t id : change.writtenResultLines) {
        connection_.run("DELETE FROM result_lines WHERE id = ?", id);
    }
    writeEvents(change.events);
    return outcome;
}

// True when the idempotency key stands for an earlier job.
bool ChangeWriter::findKey(const IdempotencyRecord& key, CommitOutcome& outcome) {
    Query query = connection_.query(
        "SELECT job_id, body_hash FROM idempotency"
        " WHERE client = ? AND key = ? AND created_at > ?",
        key.client, key.key, now_() - kIdempotencySeconds);
    if (!query.next()) return false;
    outcome.existingJobId = query.text(0);
    outcome.bodyDiffers = query.view(1) != key.bodyHash;
    return true;
}

// The same; a key that does not is written down for the new job.
bool ChangeWriter::knownKey(const PreparedChange& prepared, CommitOutcome& outcome) {
    if (!prepared.change.idempotency) return false;
    const IdempotencyRecord& key = *prepared.change.idempotency;
    if (findKey(key, outcome)) return true;
    connection_.run(
        "INSERT INTO idempotency(client, key, body_hash, job_id, created_at)"
        " VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET body_hash = excluded.body_hash,"
        " job_id = excluded.job_id, created_at = excluded.created_at",
        key.client, key.key, key.bodyHash, prepared.change.newJob->id, now_());
    return false;
}

bool ChangeWriter::addJob(const PreparedChange& prepared, CommitOutcome& outcome) {
    const JobRow& job = *prepared.change.newJob;
    connection_.run(
        "INSERT INTO jobs(seq, id, status, priority, client, correlation_id, prompt, request,"
        " input_file, count, created_at, started_at, completed_at, error)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO NOTHING",
        lastSeq_ + 1, job.id, toString(job.status), job.priority, job.client, job.correlationId,
        prepared.prompt, prepared.request, job.inputFile, job.count, job.createdAt, job.startedAt,
        job.completedAt, job.error);
    if (connection_.failed()) return false;
    if (connection_.changes() == 0) {
        outcome.idTaken = true;
        return false;
    }
    ++lastSeq_;  // a gap when the group fails later; only the order matters
    return true;
}

bool ChangeWriter::reopenJob(const std::string& id) {
    connection_.run(
        "UPDATE jobs SET status = 'queued', started_at = NULL, completed_at = NULL, error = ''"
        " WHERE id = ? AND status IN ('completed','failed','cancelled')",
        id);
    return !connection_.failed() && connection_.changes() > 0;
}

void ChangeWriter::updateJob(const JobUpdate& update) {
    if (update.status) {
        connection_.run(
            "UPDATE jobs SET status = ?2, started_at = coalesce(?3, started_at),"
            " completed_at = coalesce(?4, completed_at)"
            " WHERE id = ?1 AND status IN ('queued','running')",
            update.id, toString(*update.status), update.startedAt, update.completedAt);
        if (connection_.changes() == 0) return;
    } else if (update.startedAt || update.completedAt) {
        connection_.run(
            "UPDATE jobs SET started_at = coalesce(?2, started_at),"
            " completed_at = coalesce(?3, completed_at) WHERE id = ?1",
            update.id, update.startedAt, update.completedAt);
    }
    if (update.priority) {
        connection_.run("UPDATE jobs SET priority = ?2 WHERE id = ?1", update.id, *update.priority);
    }
    if (update.error) {
        connection_.run("UPDATE jobs SET error = ?2 WHERE id = ?1", update.id, *update.error);
    }
}

bool ChangeWriter::mayClaim(const ItemKey& key) {
    Query query = connection_.query(
        "SELECT i.state FROM jobs AS j LEFT JOIN items AS i ON i.job_id = j.id AND i.kind = ?2"
        " AND i.run = ?3 AND i.slot = ?4 WHERE j.id = ?1 AND j.status IN ('queued','running')",
        key.jobId, toString(key.kind), key.run, key.slot);
    if (!query.next()) return false;
    return query.isNull(0) || query.view(0) == toString(ItemState::Queued);
}

void ChangeWriter::writeItem(const ItemRow& item, const std::string& files,
                             const std::string& result) {
    connection_.run(
        "INSERT INTO items(job_id, kind, run, slot, state, endpoint, tries, attempts, host_deaths,"
        " started_at, finished_at, lease_until, files, result, error)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(job_id, kind, run, slot) DO UPDATE SET"
        " state = excluded.state, endpoint = excluded.endpoint, tries = excluded.tries,"
        " attempts = excluded.attempts, host_deaths = excluded.host_deaths,"
        " started_at = excluded.started_at, finished_at = excluded.finished_at,"
        " lease_until = excluded.lease_until, files = excluded.files, result = excluded.result,"
        " error = excluded.error",
        item.key.jobId, toString(item.key.kind), item.key.run, item.key.slot, toString(item.state),
        item.endpoint, item.tries, item.attempts, item.hostDeaths, item.startedAt, item.finishedAt,
        item.leaseUntil, files, result, item.error);
}

void ChangeWriter::writeAttempt(const AttemptRow& attempt) {
    connection_.run(
        "INSERT INTO attempts(job_id, kind, run, slot, number, endpoint, started_at, ended_at,"
        " outcome, error) VALUES (?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(job_id, kind, run, slot, number) DO UPDATE SET endpoint = excluded.endpoint,"
        " started_at = excluded.started_at, ended_at = excluded.ended_at,"
        " outcome = excluded.outcome, error = excluded.error",
        attempt.key.jobId, toString(attempt.key.kind), attempt.key.run, attempt.key.slot,
        attempt.number, attempt.endpoint, attempt.startedAt, attempt.endedAt, attempt.outcome,
        attempt.error);
}

void ChangeWriter::writeEvents(std::vector<EventRow>& events) {
    for (EventRow& event : events) {
        connection_.run("INSERT INTO events(time, type, job_id, data) VALUES (?,?,?,?)", event.time,
                        event.type, event.jobId, event.data);
        event.id = static_cast<std::uint64_t>(connection_.lastRowId());
    }
    eventsWritten_ += events.size();
}

void ChangeWriter::trim(std::uint64_t keepEvents) {
    constexpr std::uint64_t kEvery = 500;  // events between two looks
    if (eventsWritten_ < kEvery) return;
    // Twice as many as came, so that it catches up with any backlog.
    const std::uint64_t step = 2 * eventsWritten_;
    eventsWritten_ = 0;
    connection_.run(
        "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?1"
        " AND id < (SELECT min(id) FROM events) + ?2",
        keepEvents, step);
    connection_.run(
        "DELETE FROM idempotency WHERE (client, key) IN (SELECT client, key FROM idempotency"
        " WHERE created_at <= ? ORDER BY created_at LIMIT 1000)",
        now_() - kIdempotencySeconds);
}

}  // namespace host::store
