#include "http/static_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "http/conditions.hpp"
#include "support/text.hpp"

namespace host::http {

namespace {

constexpr int kFileFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
constexpr int kFolderFlags = O_RDONLY | O_CLOEXEC | O_DIRECTORY;

Response notFound() {
    return Response::error({ErrorCode::NotFound, "no such file"});
}

// The answer for a file that cannot be opened.
Response openFault(int fault) {
    switch (fault) {
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return Response::error({ErrorCode::RefusingWork, "too many open files"});
        case EIO:
            return Response::error({ErrorCode::Internal, "the file cannot be read"});
        default:
            return notFound();
    }
}

// No empty, hidden or upward part, and nothing that some system takes for a separator.
bool isPlainName(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.find('\\') == std::string_view::npos &&
           name.find('\0') == std::string_view::npos;
}

// Opens folder by folder without following links, so that every step stays inside. -1 and errno.
int openBeneath(const std::filesystem::path& root, std::string_view name) {
    auto folder = std::make_unique<Descriptor>(::open(root.c_str(), kFolderFlags));
    while (folder->get() >= 0) {
        const std::size_t slash = name.find('/');
        const std::string part(name.substr(0, slash));
        if (!isPlainName(part)) {
            errno = ENOENT;
            return -1;
        }
        if (slash == std::string_view::npos) {
            return ::openat(folder->get(), part.c_str(), kFileFlags);
        }
        folder = std::make_unique<Descriptor>(
            ::openat(folder->get(), part.c_str(), kFolderFlags | O_NOFOLLOW));
        name.remove_prefix(slash + 1);
    }
    return -1;
}

Validators validatorsOf(const struct stat& info) {
    char tag[80];
    std::snprintf(tag, sizeof tag, "\"%llx-%llx-%llx%09lx\"",
                  static_cast<unsigned long long>(info.st_ino),
                  static_cast<unsigned long long>(info.st_size),
                  static_cast<unsigned long long>(info.st_mtim.tv_sec),
                  static_cast<unsigned long>(info.st_mtim.tv_nsec));
    return {tag, info.st_mtim.tv_sec};
}

Response serve(int fd, const Request& request, std::string_view contentType,
               std::string_view cacheControl) {
    if (fd < 0) return openFault(errno);
    auto file = std::make_shared<const Descriptor>(fd);
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return notFound();
    const auto size = static_cast<std::uint64_t>(info.st_size);
    const Validators validators = validatorsOf(info);

    Headers headers;
    headers.add("ETag", validators.etag);
    headers.add("Last-Modified", httpTime(validators.modified));
    headers.add("Cache-Control", std::string(cacheControl));
    Response response;
    if (isNotModified(request, validators)) {
        response.status = 304;
        response.headers = std::move(headers);
        return response;
    }
    headers.add("Accept-Ranges", "bytes");
    headers.add("X-Content-Type-Options", "nosniff");
    const ByteRange range = wantedRange(request, validators, size);
    if (range.kind == ByteRange::Kind::Unsatisfiable) {
        response = Response::error({ErrorCode::Validation, "the range is outside the file"}, 416);
        response.headers.add("Content-Range", "bytes */" + std::to_string(size));
        return response;
    }
    if (range.kind == ByteRange::Kind::Part) {
        response.status = 206;
        headers.add("Content-Range", "bytes " + std::to_string(range.offset) + '-' +
                                         std::to_string(range.offset + range.length - 1) + '/' +
                                         std::to_string(size));
    }
    headers.add("Content-Type", std::string(contentType));
    response.headers = std::move(headers);
    response.body = FileBody{std::move(file), range.offset, range.length};
    return response;
}

}  // namespace

std::string_view contentTypeOf(std::string_view fileName) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kTypes{{
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".txt", "text/plain; charset=utf-8"},
        {".md", "text/plain; charset=utf-8"},
        {".csv", "text/csv; charset=utf-8"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".webp", "image/webp"},
        {".gif", "image/gif"},
        {".svg", "image/svg+xml"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".wasm", "application/wasm"},
        {".xml", "application/xml"},
        {".pdf", "application/pdf"},
    }};
    const std::size_t dot = fileName.rfind('.');
    if (dot != std::string_view::npos) {
        for (const auto& [ending, type] : kTypes) {
            if (iequals(fileName.substr(dot), ending)) return type;
        }
    }
    return "application/octet-stream";
}

Response StaticFiles::get(std::string_view name, const Request& request) const {
    return serve(openBeneath(folder_, name), request, contentTypeOf(name), cacheControl_);
}

Response fileResponse(const std::filesystem::path& file, const Request& request,
                      std::string_view cacheControl) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return serve(fd, request, contentTypeOf(file.native()), cacheControl);
}

}  // namespace host::http
