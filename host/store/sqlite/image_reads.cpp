#include "store/sqlite/image_reads.hpp"

#include <limits>

#include "store/sqlite/image_id.hpp"
#include "store/sqlite/search_text.hpp"

namespace host::store {

namespace {

#define IMAGE_COLUMNS                                                                \
    "i.filename, i.job_id, i.run, i.endpoint, i.prompt, i.seed, i.width, i.height, " \
    "i.size, i.mtime, i.starred, i.id, i.trashed_at, i.trash_file"
constexpr int kIdColumn = 11;
#define KNOWN_COLUMNS "filename, size, mtime, trash_file"

std::optional<std::uint32_t> pixels(const Query& row, int column) {
    if (row.isNull(column)) return std::nullopt;
    return static_cast<std::uint32_t>(row.integer(column));
}

ImageRow imageFrom(const Query& row) {
    ImageRow image;
    image.filename = row.text(0);
    image.jobId = row.text(1);
    image.run = static_cast<int>(row.integer(2));
    image.endpoint = row.text(3);
    image.prompt = row.text(4);
    image.seed = row.optionalInteger(5);
    image.width = pixels(row, 6);
    image.height = pixels(row, 7);
    image.size = static_cast<std::uint64_t>(row.integer(8));
    image.mtime = row.real(9);
    image.starred = row.integer(10) != 0;
    image.trashedAt = row.optionalReal(12);
    image.trashFile = row.text(13);
    return image;
}

bool comesBefore(const ImageRow& a, const ImageRow& b) {
    if (a.mtime != b.mtime) return a.mtime > b.mtime;
    return a.filename < b.filename;
}

// One page in order out of the index that has just these rows, so that no filter ever makes it read
// what it does not show. Planners guess; the index is therefore named.
#define BROWSE(INDEX, WHERE)                                                      \
    "SELECT " IMAGE_COLUMNS " FROM images AS i INDEXED BY " INDEX " WHERE " WHERE \
    " AND trashed = ?1 AND mtime <= ?2 AND (mtime < ?2 OR filename > ?3)"         \
    " ORDER BY mtime DESC, filename LIMIT ?4"

template <typename... Args>
std::vector<ImageRow> browseBy(Connection& connection, const char* sql, const ImageQuery& query,
                               const ImagePlace& from, const Args&... args) {
    std::vector<ImageRow> images;
    Query rows =
        connection.query(sql, query.trashed, from.mtime, from.filename, query.limit + 1, args...);
    while (rows.next())
        images.push_back(imageFrom(rows));
    return images;
}

std::vector<ImageRow> browse(Connection& connection, const ImageQuery& query,
                             const std::optional<ImagePlace>& after) {
    const ImagePlace from =
        after.value_or(ImagePlace{std::numeric_limits<double>::max(), std::string()});
    if (!query.jobId.empty()) {
        // A job's pictures are few.
        return browseBy(connection,
                        BROWSE("images_by_job",
                               "job_id = ?5 AND job_id <> '' AND starred >= ?6"
                               " AND (?7 = '' OR endpoint = ?7)"),
                        query, from, query.jobId, query.starred, query.endpoint);
    }
    if (query.starred && !query.endpoint.empty()) {
        return browseBy(connection,
                        BROWSE("images_starred_by_endpoint", "starred = 1 AND endpoint = ?5"),
                        query, from, query.endpoint);
    }
    if (query.starred) {
        return browseBy(connection, BROWSE("images_starred", "starred = 1"), query, from);
    }
    if (!query.endpoint.empty()) {
        return browseBy(connection, BROWSE("images_by_endpoint", "endpoint = ?5"), query, from,
                        query.endpoint);
    }
    return browseBy(connection, BROWSE("images_by_time", "true"), query, from);
}

// The index gives hits by falling id, which is falling time by the millisecond; inside one
// millisecond they still must be put in order, so such a group is always read whole.
std::vector<ImageRow> search(Connection& connection, const ImageQuery& query,
                             const std::string& match, const std::optional<ImagePlace>& after) {
    const auto wanted = static_cast<std::size_t>(query.limit) + 1;
    const std::int64_t below = after ? imageIdBase(after->mtime) + kImageIdsPerMoment
                                     : std::numeric_limits<std::int64_t>::max();
    Query rows =
        connection.query("SELECT " IMAGE_COLUMNS
                         " FROM images_text AS t JOIN images AS i ON i.id = t.rowid"
                         " WHERE t.images_text MATCH ?1 AND t.rowid < ?2 ORDER BY t.rowid DESC",
                         match, below);
    const ImageRow last{.filename = after ? after->filename : "",
                        .mtime = after ? after->mtime : 0};
    std::vector<ImageRow> images;
    std::size_t groupBegin = 0;
    std::int64_t moment = -1;
    while (rows.next()) {
        const std::int64_t at = rows.integer(kIdColumn) / kImageIdsPerMoment;
        if (at != moment) {
            std::sort(images.begin() + static_cast<std::ptrdiff_t>(groupBegin), images.end(),
                      comesBefore);
            if (images.size() >= wanted) break;
            groupBegin = images.size();
            moment = at;
        }
        ImageRow image = imageFrom(rows);
        if (!query.endpoint.empty() && image.endpoint != query.endpoint) continue;
        if (!query.jobId.empty() && image.jobId != query.jobId) continue;
        if (after && !comesBefore(last, image)) continue;
        images.push_back(std::move(image));
    }
    std::sort(images.begin() + static_cast<std::ptrdiff_t>(groupBegin), images.end(), comesBefore);
    if (images.size() > wanted) images.resize(wanted);
    return images;
}

bool finds(Connection& connection, const std::string& match) {
    return connection.query("SELECT 1 FROM images_text WHERE images_text MATCH ? LIMIT 1", match)
        .next();
}

KnownImage knownFrom(const Query& row) {
    return {row.text(0), static_cast<std::uint64_t>(row.integer(1)), row.real(2), row.text(3)};
}

}  // namespace

std::vector<ImageRow> readImages(Connection& connection, const ImageQuery& query,
                                 const std::optional<ImagePlace>& after) {
    std::string match = wordsQuery(query.text, false);
    if (match.empty()) return browse(connection, query, after);
    // Asked of all pictures, so that words mean the same on every page and with every filter.
    if (!finds(connection, match)) match = wordsQuery(query.text, true);
    if (match.empty()) return {};
    return search(connection, query, withFilters(std::move(match), query), after);
}

std::optional<ImageRow> readImage(Connection& connection, const std::string& filename) {
    Query row =
        connection.query("SELECT " IMAGE_COLUMNS " FROM images AS i WHERE filename = ?", filename);
    if (!row.next()) return std::nullopt;
    return imageFrom(row);
}

std::optional<ImageRow> readDisplacedImage(Connection& connection, const std::string& filename) {
    Query row = connection.query("SELECT " IMAGE_COLUMNS
                                 " FROM images AS i WHERE former_name = ?1 AND former_name <> ''"
                                 " ORDER BY trashed_at DESC LIMIT 1",
                                 filename);
    if (!row.next()) return std::nullopt;
    return imageFrom(row);
}

std::vector<ImageRow> readTrashedImages(Connection& connection, double afterTime,
                                        const std::string& afterFile, std::optional<double> before,
                                        int limit) {
    std::vector<ImageRow> images;
    Query rows = connection.query("SELECT " IMAGE_COLUMNS
                                  " FROM images AS i WHERE trashed_at IS NOT NULL"
                                  " AND (trashed_at, trash_file) > (?1, ?2) AND trashed_at < ?3"
                                  " ORDER BY trashed_at, trash_file LIMIT ?4",
                                  afterTime, afterFile,
                                  before.value_or(std::numeric_limits<double>::max()), limit);
    while (rows.next())
        images.push_back(imageFrom(rows));
    return images;
}

bool readKnowsTrashFile(Connection& connection, const std::string& trashFile) {
    return connection
        .query("SELECT 1 FROM images WHERE trash_file = ?1 AND trash_file <> ''", trashFile)
        .next();
}

std::vector<KnownImage> readKnownImages(Connection& connection,
                                        const std::vector<std::string>& filenames) {
    std::vector<KnownImage> known;
    for (const std::string& filename : filenames) {
        Query row =
            connection.query("SELECT " KNOWN_COLUMNS " FROM images WHERE filename = ?", filename);
        if (row.next()) known.push_back(knownFrom(row));
    }
    return known;
}

std::vector<KnownImage> readKnownImagesAfter(Connection& connection, const std::string& filename,
                                             int limit) {
    std::vector<KnownImage> known;
    Query rows = connection.query("SELECT " KNOWN_COLUMNS
                                  " FROM images WHERE filename > ? ORDER BY filename LIMIT ?",
                                  filename, limit);
    while (rows.next())
        known.push_back(knownFrom(rows));
    return known;
}

}  // namespace host::store
