#include "services/generator/raw_fields.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>

#include "http/forms.hpp"
#include "services/generator/json_texts.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

namespace od = simdjson::ondemand;

Error notJson(const std::string& why) {
    return validationError({{"body", "is not a JSON object: " + why}});
}

Error notJson(simdjson::error_code error) {
    // Our own lack of memory is no fault of the client's.
    if (error == simdjson::MEMALLOC) throw std::bad_alloc();
    return notJson(std::string(simdjson::error_message(error)));
}

// One more than any field accepts, so that too many are noticed.
constexpr std::size_t kMostElements = 1001;

// A scalar or an array of scalars; anything deeper becomes an object, which no field accepts.
simdjson::error_code toJson(od::value value, Json& out, JsonTexts& texts, bool nested = false) {
    od::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    switch (type) {
        case od::json_type::null:
            out = nullptr;
            return simdjson::SUCCESS;
        case od::json_type::boolean: {
            bool flag = false;
            const auto error = value.get_bool().get(flag);
            out = flag;
            return error;
        }
        case od::json_type::string: {
            std::string_view text;
            const auto error = texts.of(value, text);
            out = std::string(text);
            return error;
        }
        case od::json_type::number: {
            std::int64_t integer = 0;
            if (value.get_int64().get(integer) == simdjson::SUCCESS) {
                out = integer;
                return simdjson::SUCCESS;
            }
            double number = 0;
            const auto error = value.get_double().get(number);
            out = number;
            return error;
        }
        case od::json_type::array: {
            od::array array;
            if (const auto error = value.get_array().get(array)) return error;
            out = nested ? Json::object() : Json::array();
            for (auto element : array) {
                od::value inner;
                if (const auto error = element.get(inner)) return error;
                if (nested || out.size() >= kMostElements) continue;
                Json converted;
                if (const auto error = toJson(inner, converted, texts, true)) return error;
                out.push_back(std::move(converted));
            }
            return simdjson::SUCCESS;
        }
        case od::json_type::object:
            out = Json::object();
            return simdjson::SUCCESS;
    }
    return simdjson::INCORRECT_TYPE;
}

using Names = std::vector<std::string>;

// A part of the body, with the bytes before it when `body` can be given away.
struct Piece {
    std::string bytes;
    std::size_t begin = 0;
};

Piece takePiece(std::string_view part, const std::string& all, std::string* body) {
    if (body == nullptr) return {std::string(part), 0};
    const auto begin = static_cast<std::size_t>(part.data() - all.data());
    Piece piece{std::move(*body), begin};
    body->clear();
    piece.bytes.resize(begin + part.size());
    return piece;
}

// What stands between the quotes, when it stands for itself.
std::optional<std::string_view> plainText(od::value& value) {
    std::string_view token = value.raw_json_token();
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    if (token.size() < 2 || token.back() != '"') return std::nullopt;
    token = token.substr(1, token.size() - 2);
    if (token.find('\\') != std::string_view::npos) return std::nullopt;
    return token;
}

// simdjson reads a little beyond the end.
bool hasRoom(const std::string& body) {
    return body.capacity() - body.size() >= simdjson::SIMDJSON_PADDING;
}

bool holds(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Result<RawFields> readJson(const http::Request& request, const Names& names,
                           const Names& pictureNames, std::string* body) {
    RawFields fields;
    od::parser parser;
    std::string copy;
    if (body != nullptr) body->reserve(body->size() + simdjson::SIMDJSON_PADDING);
    if (!hasRoom(request.body)) {
        copy.reserve(request.body.size() + simdjson::SIMDJSON_PADDING);
        copy = request.body;
    }
    const std::string& text = hasRoom(request.body) ? request.body : copy;
    const simdjson::padded_string_view padded(text.data(), text.size(), text.capacity());
    JsonTexts texts(parser, text.size());
    std::optional<std::string_view> picture;  // in the body
    od::document document;
    if (const auto error = parser.iterate(padded).get(document)) {
        return notJson(error);
    }
    od::object object;
    if (const auto error = document.get_object().get(object)) {
        return notJson(error);
    }
    for (auto entry : object) {
        std::string_view key;
        od::value value;
        if (const auto error = texts.of(entry, key)) {
            return notJson(error);
        }
        const std::string name(key.substr(0, 64));
        if (const auto error = entry.value().get(value)) {
            return notJson(error);
        }
        if (holds(pictureNames, name)) {
            od::json_type type{};
            if (const auto error = value.type().get(type)) {
                return notJson(error);
            }
            if (type == od::json_type::string) {
                const auto plain = plainText(value);
                std::string_view given = plain.value_or("");
                if (!plain) {
                    if (const auto error = texts.of(value, given)) {
                        return notJson(error);
                    }
                }
                if (given.empty()) continue;
                picture = hasRoom(request.body) ? plain : std::nullopt;
                if (!picture) fields.imageText = given;
                fields.hasImage = true;
            } else if (type == od::json_type::null) {
                fields.nulls.insert(name);
            } else {
                fields.values[name] = Json::object();
            }
            continue;
        }
        if (!holds(names, name)) continue;
        Json converted;
        if (const auto error = toJson(value, converted, texts)) {
            return notJson(error);
        }
        if (converted.is_null()) {
            fields.values.erase(name);
            fields.nulls.insert(name);
        } else {
            fields.nulls.erase(name);
            fields.values[name] = std::move(converted);
        }
    }
    if (const char* rest = nullptr; document.current_location().get(rest) == simdjson::SUCCESS) {
        return notJson("something follows the object");
    }
    if (picture) {
        Piece piece = takePiece(*picture, request.body, body);
        fields.imageText = std::move(piece.bytes);
        fields.imageTextBegin = piece.begin;
    }
    return fields;
}

void addText(RawFields& fields, const std::string& name, std::string text) {
    const auto found = fields.values.find(name);
    if (found == fields.values.end()) {
        fields.values[name] = std::move(text);
        return;
    }
    if (found->second.is_string()) found->second = Json::array({found->second});
    found->second.push_back(std::move(text));
}

Result<RawFields> readMultipart(const http::Request& request, const Names& names,
                                const Names& pictureNames, std::string* body) {
    auto form = http::Multipart::parse(request.header("Content-Type"), request.body);
    if (!form) return form.error();
    RawFields fields;
    fields.isForm = true;
    std::string_view file;  // in the body
    for (const http::Part& part : form->parts()) {
        if (holds(pictureNames, part.name)) {
            // A browser sends an empty part for a file field that nobody filled in.
            if (part.data.empty()) continue;
            fields.repeatsImage = fields.hasImage;
            if (part.isFile) {
                file = part.data;
            } else {
                fields.imageText = part.data;
            }
            fields.hasImage = true;
            continue;
        }
        if (!holds(names, part.name)) continue;
        if (!isValidUtf8(part.data)) return validationError({{part.name, "is not valid UTF-8"}});
        addText(fields, part.name, std::string(part.data));
    }
    if (!file.empty()) {
        Piece piece = takePiece(file, request.body, body);
        fields.imageBytes = std::move(piece.bytes);
        fields.imageBytes.erase(0, piece.begin);
    }
    return fields;
}

Result<RawFields> readUrlEncoded(const http::Request& request, const Names& names,
                                 const Names& pictureNames) {
    auto form = http::parseUrlEncoded(request.body);
    if (!form) return form.error();
    RawFields fields;
    fields.isForm = true;
    for (const auto& [name, value] : *form) {
        if (holds(pictureNames, name)) {
            if (value.empty()) continue;
            fields.repeatsImage = fields.hasImage;
            fields.imageText = value;
            fields.hasImage = true;
        } else if (holds(names, name)) {
            if (!isValidUtf8(value)) return validationError({{name, "is not valid UTF-8"}});
            addText(fields, name, value);
        }
    }
    return fields;
}

}  // namespace

Error validationError(const Faults& faults) {
    Error error;
    error.code = ErrorCode::Validation;
    Json list = Json::array();
    for (const auto& [field, message] : faults) {
        list.push_back({{"field", field}, {"message", message}});
        if (!error.message.empty()) error.message += "; ";
        error.message += field + " " + message;
    }
    error.details["errors"] = std::move(list);
    return error;
}

namespace {

// `body` is the request's own when it may be taken, else null.
Result<RawFields> readAny(const http::Request& request, const Names& names,
                          const Names& pictureNames, std::string* body) {
    const std::string type = request.contentType();
    if (type == "multipart/form-data") return readMultipart(request, names, pictureNames, body);
    // curl -d sends JSON under the type of a form: what it is shows in its first character.
    const std::string_view start = trim(std::string_view(request.body).substr(0, 64));
    if (type == "application/x-www-form-urlencoded" && (start.empty() || start.front() != '{')) {
        return readUrlEncoded(request, names, pictureNames);
    }
    return readJson(request, names, pictureNames, body);
}

}  // namespace

Result<RawFields> readFields(const http::Request& request, const std::vector<std::string>& names,
                             const std::vector<std::string>& pictureNames) {
    return readAny(request, names, pictureNames, nullptr);
}

Result<RawFields> takeFields(http::Request& request, const std::vector<std::string>& names,
                             const std::vector<std::string>& pictureNames) {
    return readAny(request, names, pictureNames, &request.body);
}

}  // namespace host::services
