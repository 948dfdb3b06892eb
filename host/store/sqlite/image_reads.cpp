#include "store/sqlite/image_reads.hpp"

#include <limits>

#include "store/sqlite/image_id.hpp"

namespace host::store {

namespace {

#define IMAGE_COLUMNS                                                                \
    "i.filename, i.job_id, i.run, i.endpoint, i.prompt, i.seed, i.width, i.height, " \
    "i.size, i.mtime, i.starred, i.id"
constexpr int kIdColumn = 11;

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
    return image;
}

bool comesBefore(const ImageRow& a, const ImageRow& b) {
    if (a.mtime != b.mtime) return a.mtime > b.mtime;
    return a.filename < b.filename;
}

std::vector<ImageRow> browse(Connection& connection, const ImageQuery& query,
                             const std::optional<ImagePlace>& after) {
    const ImagePlace from =
        after.value_or(ImagePlace{std::numeric_limits<double>::max(), std::string()});
    std::vector<ImageRow> images;
    if (!query.endpoint.empty()) {
        Query rows = connection.query(
            "SELECT " IMAGE_COLUMNS
            " FROM images AS i WHERE endpoint = ?1 AND mtime <= ?2"
            " AND (mtime < ?2 OR filename > ?3) ORDER BY mtime DESC, filename LIMIT ?4",
            query.endpoint, from.mtime, from.filename, query.limit + 1);
        while (rows.next())
            images.push_back(imageFrom(rows));
        return images;
    }
    Query rows = connection.query(
        "SELECT " IMAGE_COLUMNS
        " FROM images AS i WHERE mtime <= ?1"
        " AND (mtime < ?1 OR filename > ?2) ORDER BY mtime DESC, filename LIMIT ?3",
        from.mtime, from.filename, query.limit + 1);
    while (rows.next())
        images.push_back(imageFrom(rows));
    return images;
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
        if (after && !comesBefore(last, image)) continue;
        images.push_back(std::move(image));
    }
    std::sort(images.begin() + static_cast<std::ptrdiff_t>(groupBegin), images.end(), comesBefore);
    if (images.size() > wanted) images.resize(wanted);
    return images;
}

KnownImage knownFrom(const Query& row) {
    return {row.text(0), static_cast<std::uint64_t>(row.integer(1)), row.real(2)};
}

void appendQuoted(std::string& to, std::string_view word) {
    to += '"';
    for (const char c : word) {
        if (c == '"') to += '"';
        to += c;
    }
    to += '"';
}

}  // namespace

std::string textQuery(const std::string& text, const std::string& endpoint) {
    constexpr std::size_t kMaxBytes = 1000;
    constexpr int kMaxWords = 32;
    std::string words;
    std::string word;
    int count = 0;
    const auto flush = [&] {
        if (!word.empty() && count < kMaxWords) {
            if (count++ > 0) words += ' ';
            appendQuoted(words, word);
        }
        word.clear();
    };
    for (const char c : std::string_view(text).substr(0, kMaxBytes)) {
        // White space and control characters part words; SQLite would end the query at a NUL.
        if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') {
            flush();
        } else {
            word += c;
        }
    }
    flush();
    if (words.empty()) return {};
    std::string match = "{prompt filename} : (" + words + ")";
    // Narrows the hits down; the exact comparison comes later. A name without any letter or digit
    // (ASCII; others are left out to be safe) cannot be searched for.
    const bool plain = !endpoint.empty() &&
                       std::all_of(endpoint.begin(), endpoint.end(),
                                   [](char c) {
                                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                              (c >= '0' && c <= '9') || c == ' ';
                                   }) &&
                       endpoint.find_first_not_of(' ') != std::string::npos;
    if (plain) {
        match += " AND {endpoint} : ";
        appendQuoted(match, endpoint);
    }
    return match;
}

std::vector<ImageRow> readImages(Connection& connection, const ImageQuery& query,
                                 const std::optional<ImagePlace>& after) {
    if (query.text.empty()) return browse(connection, query, after);
    const std::string match = textQuery(query.text, query.endpoint);
    if (match.empty()) return browse(connection, query, after);
    return search(connection, query, match, after);
}

std::optional<ImageRow> readImage(Connection& connection, const std::string& filename) {
    Query row =
        connection.query("SELECT " IMAGE_COLUMNS " FROM images AS i WHERE filename = ?", filename);
    if (!row.next()) return std::nullopt;
    return imageFrom(row);
}

std::vector<KnownImage> readKnownImages(Connection& connection,
                                        const std::vector<std::string>& filenames) {
    std::vector<KnownImage> known;
    for (const std::string& filename : filenames) {
        Query row = connection.query("SELECT filename, size, mtime FROM images WHERE filename = ?",
                                     filename);
        if (row.next()) known.push_back(knownFrom(row));
    }
    return known;
}

std::vector<KnownImage> readKnownImagesAfter(Connection& connection, const std::string& filename,
                                             int limit) {
    std::vector<KnownImage> known;
    Query rows = connection.query(
        "SELECT filename, size, mtime FROM images WHERE filename > ? ORDER BY filename LIMIT ?",
        filename, limit);
    while (rows.next())
        known.push_back(knownFrom(rows));
    return known;
}

}  // namespace host::store
