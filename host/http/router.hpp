// Routes from method and path to handlers. Filled before the server starts and only read
// afterwards, so any number of threads may match. Handlers run on several threads at once and must
// outlive Front::stop(). What they throw becomes a 500 that tells the client nothing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/request.hpp"
#include "http/response.hpp"

namespace host::http {

using Handler = std::function<Response(Request&)>;

// Where a handler runs.
enum class Lane {
    Worker,  // the small pool: disk and database, tens of milliseconds
    Slow,    // the large pool: may wait for an upstream for minutes; proxies and streams
    Loop,    // on the event loop: never blocks, no disk, no contended lock, microseconds. Answers
             // even when every worker is busy: /health and the like
};

// Answers on the event loop, as Lane::Loop asks, or leaves the request to the handler by giving
// nothing.
using QuickHandler = std::function<std::optional<Response>(Request&)>;

struct RouteOptions {
    Lane lane = Lane::Worker;
    QuickHandler quick{};  // asked first; not for the legacy spelling
};

class Router {
  public:
    // `pattern` begins with '/'. A segment `{name}` matches one non-empty segment; a last segment
    // `{name*}` the whole rest, possibly empty. Fixed paths win over patterns, earlier patterns
    // over later ones. GET routes answer HEAD too. Throws std::logic_error on a malformed or
    // repeated route.
    void add(std::string_view method, std::string_view pattern, Handler handler,
             RouteOptions options = {});
    // As add() for "/api/v1/X", and again for "/api/X", where the answer carries
    // "X-API-Deprecated: true" and the log one warning per call.
    void addVersioned(std::string_view method, std::string_view pattern, Handler handler,
                      RouteOptions options = {});

    struct Route {
        Handler handler;
        RouteOptions options;
        bool legacy = false;
        std::string method;
        std::string pattern;
        std::size_t index = 0;  // among all, from 0
    };
    std::size_t size() const { return size_; }
    struct Match {
        const Route* route = nullptr;  // null: no such path, or not with this method
        Params pathParams;
        std::string allow;  // when the path exists: its methods, such as "GET, HEAD, OPTIONS"
    };
    Match match(std::string_view method, std::string_view path) const;

    struct Listed {
        std::string method;
        std::string pattern;
        bool legacy = false;
    };
    // Every route, by pattern and method.
    std::vector<Listed> routes() const;

  private:
    struct Path {
        std::string pattern;
        std::vector<std::string> segments;
        bool hasRest = false;
        std::vector<std::pair<std::string, std::unique_ptr<Route>>> methods;
    };
    Path& pathFor(std::string_view pattern);
    void insert(std::string_view method, std::string_view pattern, Handler handler,
                RouteOptions options, bool legacy);

    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<std::string, std::unique_ptr<Path>, Hash, std::equal_to<>> fixed_;
    std::vector<std::pair<std::string, std::unique_ptr<Path>>> patterns_;
    std::size_t size_ = 0;
};

}  // namespace host::http
