// What clients send and the database is asked with: searches, cursors, event ids to go on after.
// Lines: search text, endpoint, job id, cursor, event id.
#include "common/temp_dir.hpp"
#include "fuzz.hpp"
#include "pipeline/event_log.hpp"
#include "services/query_fields.hpp"
#include "store/sqlite_store.hpp"

using namespace host;
using fuzz::check;

namespace {

class Database {
  public:
    Database() : store_(std::move(*store::openSqliteStore(folder_ / "jobs.db"))), log_(*store_) {
        store_->setEventListener([this](const auto& events) { log_.committed(events); });
        store::ChangeSet change;
        for (int i = 0; i < 20; ++i) {
            store::ImageRow image;
            image.filename = "boat" + std::to_string(i) + ".png";
            image.prompt = "a red boat, \xe8\x88\xb9 in the harbour " + std::to_string(i);
            image.mtime = i;
            change.images.push_back(image);
            change.events.push_back({.type = "job", .jobId = "j1", .data = R"({"a":1})"});
        }
        store_->commit(std::move(change), [](const auto&) {});
        while (store_->figures().changes == 0 || log_.cursorNow() == 0) {
        }
    }
    store::JobStore& store() { return *store_; }
    pipeline::EventLog& log() { return log_; }

  private:
    const test::TempDir folder_;
    std::unique_ptr<store::JobStore> store_;
    pipeline::EventLog log_;
};

void followEvents(pipeline::EventLog& log, std::uint64_t after) {
    std::uint64_t cursor = log.cursorAfter(after);
    for (int rounds = 0; rounds < 100; ++rounds) {
        const pipeline::EventText found = log.read(cursor, 300, "");
        if (!found.text) return check(found.cursor == log.cursorNow(), "a stream comes to its end");
        check(found.text->starts_with("id: ") && found.text->ends_with("\n\n"), "events are whole");
        check(found.cursor > cursor, "a stream goes on");
        cursor = found.cursor;
    }
    check(false, "a stream ends");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Database database;
    std::string_view rest = fuzz::text(data, size);
    store::ImageQuery query;
    query.limit = 5;
    query.text = fuzz::takeLine(rest);
    query.endpoint = fuzz::takeLine(rest);
    query.jobId = fuzz::takeLine(rest);
    query.cursor = fuzz::takeLine(rest);
    const auto page = database.store().images(query);
    check(page.ok() || page.error().code == ErrorCode::Validation, "the database takes any search");
    if (page.ok()) check(page->images.size() <= 5, "a page is bounded");
    const auto jobs = database.store().jobs(std::nullopt, 5, query.cursor);
    check(jobs.ok() || jobs.error().code == ErrorCode::Validation, "and any cursor");
    const auto id = services::wholeNumber<std::uint64_t>(std::string(fuzz::takeLine(rest)));
    if (id) followEvents(database.log(), *id);
    return 0;
}
