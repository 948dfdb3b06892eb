#include "services/gallery/gallery_api.hpp"

#include "pipeline/thumbnailer.hpp"
#include "pipeline/trash.hpp"
#include "services/gallery/picture_file.hpp"
#include "services/gallery/zip_request.hpp"
#include "services/gallery/zip_stream.hpp"
#include "services/guard.hpp"
#include "services/query_fields.hpp"
#include "support/clock.hpp"
#include "support/text.hpp"

namespace host::services {

using http::Request;
using http::Response;

namespace {

constexpr int kMostArchives = 8;

constexpr int kDefaultPage = 100;
constexpr int kLargestPage = 10'000;
constexpr std::chrono::seconds kThumbnailPatience{20};

Json entryOf(const store::ImageRow& row) {
    const auto orNull = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    const std::string name = percentEncode(row.filename);
    return {{"filename", row.filename},
            {"url", "/images/" + name},
            {"created", isoTime(row.mtime)},
            {"mtime", row.mtime},
            {"size", row.size},
            {"job_id", orNull(row.jobId)},
            {"endpoint", orNull(row.endpoint)},
            {"prompt", row.jobId.empty() ? orNull(row.prompt) : Json(row.prompt)},
            {"seed", row.seed ? Json(*row.seed) : Json()},
            {"width", row.width ? Json(*row.width) : Json()},
            {"height", row.height ? Json(*row.height) : Json()},
            {"thumbnail_url", row.width ? Json("/thumbnails/" + name) : Json()},
            {"starred", row.starred},
            {"trashed_at", row.trashedAt ? Json(*row.trashedAt) : Json()}};
}

// A place among the archives that are sent at once, until the last copy is gone; null when there is
// none.
std::shared_ptr<void> turnAt(const std::shared_ptr<std::atomic<int>>& underWay) {
    if (underWay->fetch_add(1) >= kMostArchives) {
        underWay->fetch_sub(1);
        return nullptr;
    }
    return {underWay.get(), [underWay](void*) { underWay->fetch_sub(1); }};
}

}  // namespace

GalleryApi::GalleryApi(const Context& context)
    : context_(context), pictures_(context.settings.outputDirectory) {}

void GalleryApi::addRoutes(http::Router& router, bool legacyToo) {
    const auto& keys = context_.settings.apiKeys;
    const auto bound = [&](Response (GalleryApi::*handler)(Request&)) {
        return guarded(keys, [this, handler](Request& r) { return (this->*handler)(r); });
    };
    const auto add = [&](const char* method, const char* pattern,
                         Response (GalleryApi::*handler)(Request&),
                         http::Lane lane = http::Lane::Worker) {
        if (legacyToo) {
            router.addVersioned(method, pattern, bound(handler), {lane});
        } else {
            router.add(method, pattern, bound(handler), {lane});
        }
    };
    add("GET", "/api/v1/gallery", &GalleryApi::list);
    add("POST", "/api/v1/gallery/zip", &GalleryApi::zip, http::Lane::Slow);
    add("PUT", "/api/v1/gallery/{filename}/star", &GalleryApi::star);
    add("DELETE", "/api/v1/gallery/{filename}/star", &GalleryApi::unstar);
    add("DELETE", "/api/v1/gallery/{filename}", &GalleryApi::trash);
    add("POST", "/api/v1/gallery/{filename}/restore", &GalleryApi::restore);
    router.add("GET", "/images/{filename}",
               guardedLink(keys, [this](Request& r) { return image(r); }));
    router.add("GET", "/thumbnails/{filename}", bound(&GalleryApi::thumbnail), {http::Lane::Slow});
}

Response GalleryApi::list(Request& request) {
    const auto limit = limitOf(request, kDefaultPage, kLargestPage);
    if (!limit) return Response::error(limit.error());
    const auto starred = flagOf(request, "starred");
    if (!starred) return Response::error(starred.error());
    const auto trashed = flagOf(request, "trashed");
    if (!trashed) return Response::error(trashed.error());
    store::ImageQuery query;
    query.limit = *limit;
    query.text = request.query.get("q");
    query.endpoint = request.query.get("endpoint");
    query.jobId = request.query.get("job_id");
    query.starred = *starred;
    query.trashed = *trashed;
    query.cursor = request.query.get("cursor");
    auto page = context_.store.images(query);
    if (!page) return Response::error(page.error());
    Json array = Json::array();
    for (const store::ImageRow& row : page->images)
        array.push_back(entryOf(row));
    Response response = Response::json(array);
    if (!page->nextCursor.empty()) response.headers.set("X-Next-Cursor", page->nextCursor);
    return response;
}

Response GalleryApi::star(Request& request) {
    return setStar(request, true);
}

Response GalleryApi::unstar(Request& request) {
    return setStar(request, false);
}

Response GalleryApi::setStar(const Request& request, bool starred) {
    const std::string filename = request.pathParam("filename");
    const auto row = context_.store.image(filename);
    if (!row) return Response::error(row.error());
    if (!*row) return Response::error(noPicture());
    if ((*row)->starred != starred) {
        using Kind = store::ImageChange::Kind;
        store::ChangeSet change;
        change.imageChanges.push_back({filename, starred ? Kind::Star : Kind::Unstar});
        change.events.push_back(pipeline::makeEvent(
            "image", (*row)->jobId, {{"filename", filename}, {"starred", starred}}));
        const auto outcome = context_.store.commitAndWait(std::move(change));
        if (!outcome) return Response::error(outcome.error());
        if (outcome->imageGone) return Response::error(noPicture());
    }
    return Response::json({{"success", true}, {"filename", filename}, {"starred", starred}});
}

Response GalleryApi::trash(Request& request) {
    const auto row = context_.trash.put(request.pathParam("filename"));
    if (!row) return Response::error(row.error());
    return Response::json({{"success", true},
                           {"filename", row->filename},
                           {"trashed_at", *row->trashedAt},
                           {"expires_at", context_.trash.expiry(*row->trashedAt)}});
}

Response GalleryApi::restore(Request& request) {
    const auto row = context_.trash.restore(request.pathParam("filename"));
    if (!row) return Response::error(row.error());
    return Response::json(
        {{"success", true}, {"filename", row->filename}, {"trashed_at", nullptr}});
}

Response GalleryApi::zip(Request& request) {
    auto pictures = readZipRequest(request, context_.store, context_.settings.outputDirectory);
    if (!pictures) return Response::error(pictures.error());
    auto turn = turnAt(archives_);
    if (!turn) {
        Error busy{ErrorCode::RefusingWork, "Too many archives are being downloaded."};
        busy.retryAfterSeconds = 10;
        return Response::error(busy);
    }
    std::string stamp = isoTime(epochNow()).substr(0, 19);  // to the second
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    Response response =
        Response::stream("application/zip", [pictures = std::move(*pictures),
                                             folder = context_.settings.outputDirectory,
                                             turn = std::move(turn)](http::StreamWriter& writer) {
            streamZip(folder, pictures, writer);
        });
    response.headers.set("Content-Disposition",
                         "attachment; filename=\"pictures-" + stamp + ".zip\"");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

Response GalleryApi::image(Request& request) {
    const std::string name = request.pathParam("filename");
    if (!isPictureName(name)) return Response::error(noPicture());
    return pictures_.get(name, request);
}

Response GalleryApi::thumbnail(Request& request) {
    const std::string name = request.pathParam("filename");
    if (!isPictureName(name)) return Response::error(noPicture());
    const auto file = context_.thumbnails.get(name, kThumbnailPatience);
    if (!file) return Response::error(file.error());
    // Another picture may come to have the name, so it is asked for again, which costs little.
    return http::fileResponse(*file, request, "private, no-cache");
}

}  // namespace host::services
