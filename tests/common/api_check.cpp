#include "common/api_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "common/temp_dir.hpp"
#include "support/text.hpp"

namespace test {

namespace {

// The library fills the table behind ctype::narrow, which regular expressions read, at first use
// and without a lock: here before there are threads.
const bool kNarrowed = [] {
    const auto& characters = std::use_facet<std::ctype<char>>(std::locale());
    for (int c = 0; c < 256; ++c)
        characters.narrow(static_cast<char>(c), '\0');
    return true;
}();

using Document = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

// Follows a reference within the document.
const Document& followed(const Document& root, const Document& node) {
    const auto reference = node.find("$ref");
    if (reference == node.end()) return node;
    return followed(root, root.at(Document::json_pointer(reference->get<std::string>().substr(1))));
}

// With every reference replaced by what it stands for; the document has no recursive ones.
Document resolved(const Document& root, const Document& node) {
    if (node.is_object() && node.contains("$ref")) return resolved(root, followed(root, node));
    if (!node.is_structured()) return node;
    Document out = node;
    for (Document& value : out)
        value = resolved(root, value);
    return out;
}

// One schema of the document, read when it is first needed: a test needs few of them, and reading
// all takes longer than most tests. Both references outlive it.
class Shape {
  public:
    Shape(const Document& root, const Document& node) : root_(root), node_(node) {}
    const valijson::Schema& schema() const {
        std::call_once(once_, [this] {
            const Document text = resolved(root_, node_);
            valijson::SchemaParser().populateSchema(Adapter(text), schema_);
        });
        return schema_;
    }

  private:
    const Document& root_;
    const Document& node_;
    mutable std::once_flag once_;
    mutable valijson::Schema schema_;
};

struct Content {
    std::string type;  // may end in "/*"
    std::unique_ptr<Shape> shape;
};

struct Answer {
    std::vector<Content> contents;
};

struct Operation {
    std::string name;  // "GET /api/v1/jobs"
    std::vector<std::string> segments;
    bool rest = false;
    std::string method;
    std::set<std::string> services;
    std::map<std::string, Answer> answers;  // by status, and "default"
};

std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> segments;
    std::size_t at = 1;
    while (at <= path.size()) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        segments.push_back(path.substr(at, end - at));
        at = end + 1;
    }
    return segments;
}

bool isParameter(const std::string& segment) {
    return segment.starts_with('{');
}

class ApiDocument {
  public:
    static const ApiDocument& instance() {
        static const ApiDocument document;
        return document;
    }

    const Operation* find(const std::string& service, const std::string& method,
                          const std::string& path) const {
        const std::vector<std::string> segments = split(path);
        const Operation* best = nullptr;
        for (const Operation& operation : operations_) {
            if (operation.method != method || !operation.services.contains(service)) continue;
            if (!matches(operation, segments)) continue;
            // The one that is fixed where the other has a parameter.
            if (best == nullptr || operation.name > best->name) best = &operation;
            if (std::none_of(operation.segments.begin(), operation.segments.end(), isParameter)) {
                return &operation;
            }
        }
        return best;
    }

    const std::vector<Operation>& operations() const { return operations_; }
    // In the shape of the protocol that the path belongs to.
    const Shape& error(const std::string& path) const {
        if (path.starts_with("/v1/")) return openAiError_;
        if (path.starts_with("/sdapi/") || path.starts_with("/internal/")) return a1111Error_;
        return error_;
    }

  private:
    ApiDocument() {
        for (const auto& [path, item] : root_["paths"].items()) {
            for (const auto& [method, described] : item.items()) {
                if (described.is_object()) add(path, item, method, described);
            }
        }
    }

    Shape named(const char* schema) const {
        return {root_, root_["components"]["schemas"].at(schema)};
    }

    void add(const std::string& path, const Document& item, const std::string& method,
             const Document& described) {
        Operation operation;
        operation.method = method;
        for (char& c : operation.method)
            c = static_cast<char>(std::toupper(c));
        operation.name = operation.method + " " + path;
        operation.segments = split(path);
        if (described.contains("parameters")) {
            for (const Document& parameter : described["parameters"])
                operation.rest =
                    operation.rest || followed(root_, parameter).value("x-rest", false);
        }
        for (const Document& server : item.contains("servers") ? item["servers"] : root_["servers"])
            operation.services.insert(server["x-service"].get<std::string>());
        for (const auto& [status, answer] : described["responses"].items()) {
            Answer& known = operation.answers[status];
            const Document& whole = followed(root_, answer);
            if (!whole.contains("content")) continue;
            for (const auto& [type, content] : whole["content"].items()) {
                Content& one = known.contents.emplace_back();
                one.type = type;
                if (content.contains("schema") && type == "application/json") {
                    one.shape = std::make_unique<Shape>(root_, content["schema"]);
                }
            }
        }
        operations_.push_back(std::move(operation));
    }

    static bool matches(const Operation& operation, const std::vector<std::string>& segments) {
        const std::size_t count = operation.segments.size();
        if (operation.rest ? segments.size() < count : segments.size() != count) return false;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string& wanted = operation.segments[i];
            if (isParameter(wanted) ? segments[i].empty() && !operation.rest
                                    : segments[i] != wanted) {
                return false;
            }
        }
        return true;
    }

    const Document root_ =
        Document::parse(readFile(std::filesystem::path(IPL_SOURCE_DIR) / "docs" / "openapi.json"));
    std::vector<Operation> operations_;
    const Shape error_ = named("Error");
    const Shape openAiError_ = named("OpenAiError");
    const Shape a1111Error_ = named("A1111Error");
};

std::optional<std::string> shapeFault(const Shape& shape, const std::string& body) {
    const Document json = Document::parse(body, nullptr, false);
    if (json.is_discarded()) return "the body is no JSON";
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(shape.schema(), Adapter(json), &results)) return std::nullopt;
    std::string text;
    valijson::ValidationResults::Error error;
    for (int shown = 0; shown < 5 && results.popError(error); ++shown) {
        std::string place;
        for (const std::string& part : error.context)
            place += part;
        text += "\n  " + place + ": " + error.description;
    }
    return "the body has another shape:" + text;
}

bool isOfType(const std::string& type, const std::string& pattern) {
    if (pattern == "*/*" || type == pattern) return true;
    return pattern.ends_with("/*") && type.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::string mediaType(const HttpAnswer& answer) {
    const std::string type = answer.header("Content-Type");
    return host::toLower(host::trim(std::string_view(type).substr(0, type.find(';'))));
}

std::optional<std::string> bodyFault(const Answer& described, const HttpAnswer& answer,
                                     bool bodiless) {
    const std::string type = mediaType(answer);
    if (described.contents.empty()) {
        if (answer.body.empty()) return std::nullopt;
        return "there is a body, of " + type;
    }
    for (const Content& content : described.contents) {
        if (!isOfType(type, content.type)) continue;
        if (!content.shape || bodiless) return std::nullopt;
        return shapeFault(*content.shape, answer.body);
    }
    return "the body's type is \"" + type + "\"";
}

struct Ports {
    std::mutex mutex;
    std::map<int, std::string> services;
};

Ports& ports() {
    static Ports known;
    return known;
}

}  // namespace

ServicePort::ServicePort(int port, std::string service) : port_(port) {
    const std::lock_guard lock(ports().mutex);
    ports().services[port] = std::move(service);
}

ServicePort::~ServicePort() {
    const std::lock_guard lock(ports().mutex);
    ports().services.erase(port_);
}

std::string serviceAt(int port) {
    const std::lock_guard lock(ports().mutex);
    const auto found = ports().services.find(port);
    return found == ports().services.end() ? "" : found->second;
}

std::optional<std::string> apiFault(const std::string& service, const std::string& method,
                                    const std::string& target, const HttpAnswer& answer) {
    static const std::regex kSaneId("[A-Za-z0-9._:-]{1,128}");
    if (!std::regex_match(answer.header("X-Correlation-ID"), kSaneId)) {
        return "there is no sane X-Correlation-ID";
    }
    if (method == "OPTIONS") return std::nullopt;
    const bool isHead = method == "HEAD";
    const std::string wanted = isHead ? "GET" : method;
    const std::string path = target.substr(0, target.find('?'));
    const ApiDocument& document = ApiDocument::instance();
    const Operation* operation = document.find(service, wanted, path);
    if (operation == nullptr && path.starts_with("/api/") && service != "json_from_image") {
        operation = document.find(service, wanted, "/api/v1/" + path.substr(5));
        if (operation != nullptr && answer.header("X-API-Deprecated") != "true") {
            return "the legacy spelling came without X-API-Deprecated";
        }
    }
    if (operation == nullptr) {
        if (answer.status < 400) return "this route is not described";
        if (isHead) return std::nullopt;
        return shapeFault(document.error(path), answer.body);
    }
    auto described = operation->answers.find(std::to_string(answer.status));
    if (described == operation->answers.end()) {
        if (answer.status < 400) {
            return "status " + std::to_string(answer.status) + " is not described";
        }
        described = operation->answers.find("default");
    }
    return bodyFault(described->second, answer, isHead);
}

void expectDescribed(int port, const std::string& method, const std::string& target,
                     const HttpAnswer& answer) {
    const std::string service = serviceAt(port);
    if (service.empty()) return;
    const auto fault = apiFault(service, method, target, answer);
    if (!fault) return;
    ADD_FAILURE() << service << ": " << method << ' ' << target << " answered " << answer.status
                  << ", which docs/openapi.json does not allow: " << *fault << '\n'
                  << answer.body.substr(0, 2000);
}

std::vector<std::string> describedRoutes(const std::string& service) {
    std::vector<std::string> routes;
    for (const Operation& operation : ApiDocument::instance().operations()) {
        if (operation.services.contains(service)) routes.push_back(operation.name);
    }
    return routes;
}

}  // namespace test
