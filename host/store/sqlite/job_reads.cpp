#include "store/sqlite/job_reads.hpp"

namespace host::store {

namespace {

// The columns that jobFrom() expects; a macro, for the statements must be literals.
#define JOB_COLUMNS                                                                   \
    "seq, id, status, priority, client, correlation_id, request, input_file, count, " \
    "created_at, started_at, completed_at, error"
#define ITEM_COLUMNS                                                                       \
    "job_id, kind, run, slot, state, endpoint, tries, attempts, host_deaths, started_at, " \
    "finished_at, lease_until, files, result, error"
#define ITEM_ORDER " ORDER BY run, kind = 'image', slot"

// Somebody may have edited the table: what is no JSON reads as nothing.
Json parsed(std::string_view text, const Json& fallback) {
    Json json = Json::parse(text, nullptr, false);
    return json.type() == fallback.type() ? json : fallback;
}

JobRow jobFrom(const Query& row) {
    JobRow job;
    job.seq = row.integer(0);
    job.id = row.text(1);
    job.status = jobStatusFrom(row.view(2)).value_or(JobStatus::Failed);
    job.priority = static_cast<int>(row.integer(3));
    job.client = row.text(4);
    job.correlationId = row.text(5);
    job.request = parsed(row.view(6), Json::object());
    job.inputFile = row.text(7);
    job.count = static_cast<int>(row.integer(8));
    job.createdAt = row.real(9);
    job.startedAt = row.optionalReal(10);
    job.completedAt = row.optionalReal(11);
    job.error = row.text(12);
    return job;
}

ItemKey keyFrom(const Query& row) {
    ItemKey key;
    key.jobId = row.text(0);
    key.kind = itemKindFrom(row.view(1)).value_or(ItemKind::Image);
    key.run = static_cast<int>(row.integer(2));
    key.slot = row.text(3);
    return key;
}

ItemRow itemFrom(const Query& row) {
    ItemRow item;
    item.key = keyFrom(row);
    item.state = itemStateFrom(row.view(4)).value_or(ItemState::Failed);
    item.endpoint = row.text(5);
    item.tries = static_cast<int>(row.integer(6));
    item.attempts = static_cast<int>(row.integer(7));
    item.hostDeaths = static_cast<int>(row.integer(8));
    item.startedAt = row.optionalReal(9);
    item.finishedAt = row.optionalReal(10);
    item.leaseUntil = row.optionalReal(11);
    if (row.view(12) != "[]") {
        for (const Json& file : parsed(row.view(12), Json::array())) {
            if (!file.is_object() || !file.contains("name") || !file["name"].is_string()) continue;
            const auto inode = file.find("inode");
            const bool known = inode != file.end() && inode->is_number_unsigned();
            item.files.push_back({file["name"].get<std::string>(),
                                  known ? inode->get<std::uint64_t>() : std::uint64_t{0}});
        }
    }
    if (row.view(13) != "{}") item.result = parsed(row.view(13), Json::object());
    item.error = row.text(14);
    return item;
}

std::vector<ItemRow> itemsOf(Connection& connection, const std::string& jobId) {
    std::vector<ItemRow> items;
    Query query =
        connection.query("SELECT " ITEM_COLUMNS " FROM items WHERE job_id = ?" ITEM_ORDER, jobId);
    while (query.next())
        items.push_back(itemFrom(query));
    return items;
}

std::vector<JobRow> allJobs(Query& query) {
    std::vector<JobRow> jobs;
    while (query.next())
        jobs.push_back(jobFrom(query));
    return jobs;
}

}  // namespace

std::vector<JobDetail> readOpenJobs(Connection& connection) {
    std::vector<JobDetail> details;
    Query query =
        connection.query("SELECT " JOB_COLUMNS
                         " FROM jobs WHERE seq IN ("
                         " SELECT seq FROM jobs WHERE status IN ('queued','running')"
                         " UNION SELECT j.seq FROM items AS i JOIN jobs AS j ON j.id = i.job_id"
                         " WHERE i.state IN ('queued','running')) ORDER BY seq");
    while (query.next()) {
        JobDetail& detail = details.emplace_back();
        detail.job = jobFrom(query);
        detail.items = itemsOf(connection, detail.job.id);
    }
    return details;
}

std::optional<JobDetail> readJob(Connection& connection, const std::string& id) {
    JobDetail detail;
    {
        Query query = connection.query("SELECT " JOB_COLUMNS " FROM jobs WHERE id = ?", id);
        if (!query.next()) return std::nullopt;
        detail.job = jobFrom(query);
    }
    detail.items = itemsOf(connection, id);
    return detail;
}

std::vector<AttemptRow> readAttempts(Connection& connection, const std::string& jobId) {
    std::vector<AttemptRow> attempts;
    Query query = connection.query(
        "SELECT job_id, kind, run, slot, number, endpoint, started_at, ended_at, outcome, error"
        " FROM attempts WHERE job_id = ? ORDER BY run, kind = 'image', slot, number",
        jobId);
    while (query.next()) {
        AttemptRow& attempt = attempts.emplace_back();
        attempt.key = keyFrom(query);
        attempt.number = static_cast<int>(query.integer(4));
        attempt.endpoint = query.text(5);
        attempt.startedAt = query.real(6);
        attempt.endedAt = query.optionalReal(7);
        attempt.outcome = query.text(8);
        attempt.error = query.text(9);
    }
    return attempts;
}

std::vector<JobRow> readJobs(Connection& connection, std::optional<JobStatus> status, int limit,
                             std::int64_t belowSeq) {
    if (status) {
        Query query = connection.query("SELECT " JOB_COLUMNS
                                       " FROM jobs WHERE status = ? AND seq < ?"
                                       " ORDER BY seq DESC LIMIT ?",
                                       toString(*status), belowSeq, limit);
        return allJobs(query);
    }
    Query query =
        connection.query("SELECT " JOB_COLUMNS " FROM jobs WHERE seq < ? ORDER BY seq DESC LIMIT ?",
                         belowSeq, limit);
    return allJobs(query);
}

std::vector<TimedAttempt> readRecentSuccesses(Connection& connection, int limit) {
    std::vector<TimedAttempt> attempts;
    Query query = connection.query(
        "SELECT a.kind, a.endpoint, a.ended_at - a.started_at, j.seq, j.request"
        " FROM (SELECT rowid AS place, * FROM attempts ORDER BY rowid DESC LIMIT ?) AS a"
        " JOIN jobs AS j ON j.id = a.job_id"
        " WHERE a.outcome = 'ok' AND a.ended_at IS NOT NULL ORDER BY a.place",
        limit);
    std::shared_ptr<const Json> request;
    std::int64_t requestOf = -1;  // attempts of one job mostly stand together
    while (query.next()) {
        if (query.integer(3) != requestOf) {
            requestOf = query.integer(3);
            request = std::make_shared<const Json>(parsed(query.view(4), Json::object()));
        }
        attempts.push_back({itemKindFrom(query.view(0)).value_or(ItemKind::Image), query.text(1),
                            query.real(2), request});
    }
    return attempts;
}

std::vector<JobRow> readRecentlyFinished(Connection& connection, int limit) {
    Query query = connection.query("SELECT " JOB_COLUMNS
                                   " FROM jobs INDEXED BY jobs_finished"
                                   " WHERE status IN ('completed','failed','cancelled')"
                                   " ORDER BY completed_at DESC, seq DESC LIMIT ?",
                                   limit);
    return allJobs(query);
}

}  // namespace host::store
