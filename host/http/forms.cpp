#include "http/forms.hpp"

#include <optional>

#include "http/text.hpp"
#include "support/text.hpp"

namespace host::http {

namespace {

constexpr std::size_t kMaxBoundary = 70;  // RFC 2046
constexpr std::size_t kMaxPartHead = 16 * 1024;
constexpr std::size_t kMaxFormFields = 1000;

Error malformed(std::string message) {
    return {ErrorCode::Validation, std::move(message)};
}

// What stands behind a boundary.
struct BoundaryEnd {
    bool last = false;
    std::size_t next = 0;  // where the part's head begins
};

// Nothing when the boundary goes on: then it is the beginning of a longer line in the data.
std::optional<BoundaryEnd> readBoundaryEnd(std::string_view body, std::size_t at) {
    if (body.substr(at).starts_with("--")) return BoundaryEnd{true, at + 2};
    while (at < body.size() && (body[at] == ' ' || body[at] == '\t'))
        ++at;
    if (!body.substr(at).starts_with("\r\n")) return std::nullopt;
    return BoundaryEnd{false, at + 2};
}

// The position of the next boundary line from `from` on, and what follows it.
struct Boundary {
    std::size_t begin = 0;  // of its CRLF: the data before it ends here
    BoundaryEnd end;
};

std::optional<Boundary> findBoundary(std::string_view body, std::string_view delimiter,
                                     std::size_t from) {
    while (true) {
        const std::size_t at = body.find(delimiter, from);
        if (at == std::string_view::npos) return std::nullopt;
        if (const auto end = readBoundaryEnd(body, at + delimiter.size()))
            return Boundary{at, *end};
        from = at + 1;
    }
}

// "UTF-8''na%20me" of a parameter such as filename*.
std::optional<std::string> extendedValue(const std::optional<std::string>& value) {
    if (!value) return std::nullopt;
    const std::size_t charset = value->find('\'');
    const std::size_t language =
        charset == std::string::npos ? charset : value->find('\'', charset + 1);
    if (language == std::string::npos || !iequals(value->substr(0, charset), "UTF-8")) {
        return std::nullopt;
    }
    return percentDecoded(std::string_view(*value).substr(language + 1), false);
}

std::optional<Error> readDisposition(std::string_view value, Part& part) {
    if (!iequals(trimmed(value.substr(0, value.find(';'))), "form-data")) {
        return malformed("a part is no form-data");
    }
    const auto name = headerParameter(value, "name");
    if (!name || !isValidUtf8(*name)) return malformed("a part has no usable name");
    part.name = *name;
    auto fileName = extendedValue(headerParameter(value, "filename*"));
    if (!fileName) fileName = headerParameter(value, "filename");
    if (fileName) {
        part.isFile = true;
        part.fileName = replaceInvalidUtf8(*fileName);
    }
    return std::nullopt;
}

std::optional<Error> readPartHead(std::string_view head, Part& part) {
    bool named = false;
    while (!head.empty()) {
        const std::size_t end = head.find("\r\n");
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || hasControls(line.substr(0, colon))) {
            return malformed("malformed part header");
        }
        const std::string_view name = trimmed(line.substr(0, colon));
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (iequals(name, "Content-Disposition")) {
            if (std::exchange(named, true)) return malformed("a part is named twice");
            if (auto fault = readDisposition(value, part)) return fault;
        } else if (iequals(name, "Content-Type")) {
            part.contentType = replaceInvalidUtf8(value);
        } else if (iequals(name, "Content-Transfer-Encoding") &&
                   (iequals(value, "base64") || iequals(value, "quoted-printable"))) {
            return malformed("encoded parts are not supported, send the bytes as they are");
        }
    }
    if (!named) return malformed("a part has no Content-Disposition");
    return std::nullopt;
}

}  // namespace

Result<Multipart> Multipart::parse(std::string_view contentType, std::string_view body) {
    const auto boundary = headerParameter(contentType, "boundary");
    if (!boundary || boundary->empty()) return malformed("the multipart body has no boundary");
    if (boundary->size() > kMaxBoundary || hasControls(*boundary)) {
        return malformed("the multipart boundary is not usable");
    }
    const std::string delimiter = "\r\n--" + *boundary;

    // The first boundary may stand at the very beginning, without a line break before it.
    std::optional<Boundary> at;
    const std::string_view first = std::string_view(delimiter).substr(2);
    if (body.starts_with(first)) {
        if (const auto end = readBoundaryEnd(body, first.size())) at = Boundary{0, *end};
    }
    if (!at) at = findBoundary(body, delimiter, 0);
    if (!at) return malformed("the multipart body does not hold its boundary");

    Multipart form;
    while (!at->end.last) {
        if (form.parts_.size() == kMaxParts) return malformed("too many parts");
        const std::string_view rest = body.substr(at->end.next);
        const std::size_t headEnd = rest.substr(0, kMaxPartHead + 4).find("\r\n\r\n");
        if (headEnd == std::string_view::npos) return malformed("a part's header does not end");
        Part part;
        if (auto fault = readPartHead(rest.substr(0, headEnd), part)) return std::move(*fault);
        const std::size_t dataBegin = at->end.next + headEnd + 4;
        // The data may be empty, and then the boundary's line break is the one that ends the head.
        at = findBoundary(body, delimiter, dataBegin - 2);
        if (!at) return malformed("the multipart body is cut off");
        if (at->begin > dataBegin) part.data = body.substr(dataBegin, at->begin - dataBegin);
        form.parts_.push_back(std::move(part));
    }
    return form;
}

const Part* Multipart::find(std::string_view name) const {
    for (const Part& part : parts_) {
        if (part.name == name) return &part;
    }
    return nullptr;
}

std::vector<const Part*> Multipart::all(std::string_view name) const {
    std::vector<const Part*> found;
    for (const Part& part : parts_) {
        if (part.name == name) found.push_back(&part);
    }
    return found;
}

Result<Params> parseUrlEncoded(std::string_view body) {
    Params params;
    while (!body.empty()) {
        const std::size_t end = body.find('&');
        const std::string_view pair = body.substr(0, end);
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        if (pair.empty()) continue;
        if (params.size() == kMaxFormFields) return malformed("too many form fields");
        const std::size_t equals = pair.find('=');
        auto name = percentDecoded(pair.substr(0, equals), true);
        auto value = percentDecoded(
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!name || !value || !isValidUtf8(*name) || !isValidUtf8(*value)) {
            return malformed("a form field holds a bad escape or is not UTF-8");
        }
        params.add(std::move(*name), std::move(*value));
    }
    return params;
}

}  // namespace host::http
