#include "store/sqlite/image_writes.hpp"

#include "store/sqlite/image_id.hpp"
#include "store/sqlite/search_text.hpp"
#include "support/ids.hpp"
#include "support/text.hpp"

namespace host::store {

namespace {

// A free id for a picture of that time: newer pictures have higher ones.
std::int64_t freeId(Connection& connection, double mtime) {
    const std::int64_t base = imageIdBase(mtime);
    Query query = connection.query("SELECT max(id) FROM images WHERE id BETWEEN ? AND ?", base,
                                   base + kImageIdsPerMoment - 1);
    if (!query.next() || query.isNull(0)) return base;
    return query.integer(0) + 1;
}

bool isKnown(Connection& connection, const std::string& filename) {
    return connection.query("SELECT 1 FROM images WHERE filename = ?", filename).next();
}

// "boat.png" becomes "boat-2.png", or so.
std::string freeName(Connection& connection, const std::string& filename) {
    constexpr int kTries = 100;
    constexpr std::size_t kMaxStem = 200;  // leaves room for a number and the ending
    const std::size_t dot = std::min(filename.rfind('.'), filename.size());
    const std::string stem(utf8Prefix(std::string_view(filename).substr(0, dot), kMaxStem));
    const auto numbered = [&](const std::string& number) {
        return stem + "-" + number + filename.substr(dot);
    };
    for (int i = 2; i < kTries; ++i) {
        std::string name = numbered(std::to_string(i));
        if (!isKnown(connection, name)) return name;
    }
    return numbered(randomHex(8));
}

// A row in the trash gives its name to a new picture and takes another.
void displace(Connection& connection, const std::string& filename) {
    connection.run(
        "UPDATE images SET former_name = filename, filename = ?2, cjk = spaced_cjk(prompt, ?2)"
        " WHERE filename = ?1",
        filename, freeName(connection, filename));
}

// The name of the trash file of that row; nothing when it is not in the trash or not there.
std::optional<std::string> trashFileOf(Connection& connection, const std::string& filename) {
    Query row = connection.query(
        "SELECT trash_file FROM images WHERE filename = ? AND trashed_at IS NOT NULL", filename);
    if (!row.next()) return std::nullopt;
    return row.text(0);
}

void upsert(Connection& connection, const ImageRow& image) {
    connection.run(
        "INSERT INTO images(id, filename, job_id, run, endpoint, prompt, seed, width, height, size,"
        " mtime, starred, cjk) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(filename) DO UPDATE "
        "SET"
        " id = excluded.id, job_id = excluded.job_id, run = excluded.run,"
        " endpoint = excluded.endpoint, prompt = excluded.prompt, seed = excluded.seed,"
        " width = excluded.width, height = excluded.height, size = excluded.size,"
        " mtime = excluded.mtime, starred = starred OR excluded.starred, cjk = excluded.cjk",
        freeId(connection, image.mtime), image.filename, image.jobId, image.run, image.endpoint,
        image.prompt, image.seed, image.width, image.height, image.size, image.mtime, image.starred,
        spacedCjk(image.prompt + " " + image.filename));
}

}  // namespace

void writeImage(Connection& connection, const ImageRow& image) {
    if (trashFileOf(connection, image.filename)) displace(connection, image.filename);
    upsert(connection, image);
}

void writeFoundImage(Connection& connection, const ImageRow& image) {
    if (const auto trashFile = trashFileOf(connection, image.filename)) {
        // On its way into the trash or out of it, unless somebody looked closer.
        if (*trashFile != image.trashFile) return;
        displace(connection, image.filename);
    }
    bool known = false;
    {
        Query query =
            connection.query("SELECT size = ?2 AND mtime = ?3 FROM images WHERE filename = ?1",
                             image.filename, image.size, image.mtime);
        known = query.next();
        if (known && query.integer(0) == 1) return;
    }
    if (!known) {
        upsert(connection, image);
        return;
    }
    connection.run(
        "UPDATE images SET id = ?2, size = ?3, mtime = ?4, width = ?5, height = ?6"
        " WHERE filename = ?1",
        image.filename, freeId(connection, image.mtime), image.size, image.mtime, image.width,
        image.height);
}

bool changeImage(Connection& connection, const ImageChange& change) {
    switch (change.kind) {
        case ImageChange::Kind::Star:
        case ImageChange::Kind::Unstar:
            connection.run("UPDATE images SET starred = ?2 WHERE filename = ?1", change.filename,
                           change.kind == ImageChange::Kind::Star);
            break;
        case ImageChange::Kind::Trash:
            connection.run(
                "UPDATE images SET trashed_at = ?2, trash_file = ?3, former_name = ''"
                " WHERE filename = ?1 AND trashed_at IS NULL",
                change.filename, change.trashedAt, change.trashFile);
            break;
        case ImageChange::Kind::Restore:
            connection.run(
                "UPDATE images SET trashed_at = NULL, trash_file = '', former_name = ''"
                " WHERE filename = ?1 AND trash_file = ?2 AND trashed_at IS NOT NULL",
                change.filename, change.trashFile);
            break;
    }
    return !connection.failed() && connection.changes() > 0;
}

void removeImage(Connection& connection, const std::string& filename) {
    connection.run("DELETE FROM images WHERE filename = ? AND trashed_at IS NULL", filename);
}

void removeTrashedImage(Connection& connection, const std::string& trashFile) {
    connection.run("DELETE FROM images WHERE trash_file = ? AND trash_file <> ''", trashFile);
}

}  // namespace host::store
