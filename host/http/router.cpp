#include "http/router.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace host::http {

namespace {

constexpr std::string_view kVersioned = "/api/v1/";
constexpr std::string_view kLegacy = "/api/";

std::vector<std::string> segmentsOf(std::string_view pattern) {
    std::vector<std::string> segments;
    std::size_t begin = 1;
    while (true) {
        const std::size_t end = pattern.find('/', begin);
        segments.emplace_back(pattern.substr(begin, end - begin));
        if (end == std::string_view::npos) return segments;
        begin = end + 1;
    }
}

bool isParameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool isRest(std::string_view segment) {
    return isParameter(segment) && segment[segment.size() - 2] == '*';
}

// Matches and fills `params`; `params` is only meaningful when it matched.
bool matches(const std::vector<std::string>& segments, bool hasRest, std::string_view path,
             Params& params) {
    std::size_t begin = 1;
    bool atEnd = false;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const std::string& wanted = segments[i];
        if (hasRest && i + 1 == segments.size()) {
            params.add(wanted.substr(1, wanted.size() - 3),
                       atEnd ? std::string() : std::string(path.substr(begin)));
            return true;
        }
        if (atEnd) return false;
        const std::size_t end = path.find('/', begin);
        const std::string_view segment = path.substr(begin, end - begin);
        if (isParameter(wanted)) {
            if (segment.empty()) return false;
            params.add(wanted.substr(1, wanted.size() - 2), std::string(segment));
        } else if (segment != wanted) {
            return false;
        }
        atEnd = end == std::string_view::npos;
        begin = atEnd ? path.size() : end + 1;
    }
    return atEnd;
}

}  // namespace

Router::Path& Router::pathFor(std::string_view pattern) {
    if (pattern.empty() || pattern.front() != '/') {
        throw std::logic_error("a route must begin with '/': " + std::string(pattern));
    }
    std::vector<std::string> segments = segmentsOf(pattern);
    const bool fixed = std::none_of(segments.begin(), segments.end(), isParameter);
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        if (isRest(segments[i])) {
            throw std::logic_error("{name*} must be the last segment: " + std::string(pattern));
        }
    }
    std::unique_ptr<Path>* place = nullptr;
    if (fixed) {
        place = &fixed_[std::string(pattern)];
    } else {
        const auto known = std::find_if(patterns_.begin(), patterns_.end(),
                                        [&](const auto& entry) { return entry.first == pattern; });
        if (known != patterns_.end()) return *known->second;
        place = &patterns_.emplace_back(pattern, nullptr).second;
    }
    if (!*place) {
        *place = std::make_unique<Path>();
        (*place)->pattern = pattern;
        (*place)->hasRest = isRest(segments.back());
        (*place)->segments = std::move(segments);
    }
    return **place;
}

void Router::insert(std::string_view method, std::string_view pattern, Handler handler,
                    RouteOptions options, bool legacy) {
    Path& path = pathFor(pattern);
    for (const auto& entry : path.methods) {
        if (entry.first == method) {
            throw std::logic_error("route given twice: " + std::string(method) + ' ' +
                                   std::string(pattern));
        }
    }
    auto route = std::make_unique<Route>(Route{std::move(handler), std::move(options), legacy,
                                               std::string(method), std::string(pattern), size_});
    path.methods.emplace_back(method, std::move(route));
    ++size_;
}

void Router::add(std::string_view method, std::string_view pattern, Handler handler,
                 RouteOptions options) {
    insert(method, pattern, std::move(handler), std::move(options), false);
}

void Router::addVersioned(std::string_view method, std::string_view pattern, Handler handler,
                          RouteOptions options) {
    if (!pattern.starts_with(kVersioned)) {
        throw std::logic_error("not below /api/v1/: " + std::string(pattern));
    }
    const std::string legacy =
        std::string(kLegacy) + std::string(pattern.substr(kVersioned.size()));
    Handler deprecated = [handler](Request& request) {
        spdlog::warn("[{}] {} {}: deprecated path, use /api/v1", request.correlationId,
                     request.method, request.path);
        return handler(request);
    };
    insert(method, legacy, std::move(deprecated), {options.lane}, true);
    add(method, pattern, std::move(handler), std::move(options));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
    Match match;
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    const auto look = [&](const Path& candidate, Params params) {
        for (const auto& [name, route] : candidate.methods) {
            if (name == wanted) {
                match.route = route.get();
                match.pathParams = std::move(params);
                return;
            }
        }
        for (const auto& [name, route] : candidate.methods) {
            match.allow += name + (name == "GET" ? ", HEAD, " : ", ");
        }
    };
    if (const auto fixed = fixed_.find(path); fixed != fixed_.end()) look(*fixed->second, {});
    // A path that is fixed for one method may still match a pattern for another.
    for (const auto& entry : patterns_) {
        if (match.route != nullptr) break;
        Params params;
        if (matches(entry.second->segments, entry.second->hasRest, path, params)) {
            look(*entry.second, std::move(params));
        }
    }
    if (!match.allow.empty()) match.allow += "OPTIONS";
    return match;
}

std::vector<Router::Listed> Router::routes() const {
    std::vector<Listed> routes;
    const auto list = [&routes](const Path& path) {
        for (const auto& [method, route] : path.methods)
            routes.push_back({method, path.pattern, route->legacy});
    };
    for (const auto& entry : fixed_)
        list(*entry.second);
    for (const auto& entry : patterns_)
        list(*entry.second);
    std::sort(routes.begin(), routes.end(), [](const Listed& a, const Listed& b) {
        return std::tie(a.pattern, a.method) < std::tie(b.pattern, b.method);
    });
    return routes;
}

}  // namespace host::http
