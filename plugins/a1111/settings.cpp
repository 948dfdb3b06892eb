#include "a1111/settings.hpp"

#include "common/base64.hpp"
#include "ipl/error.hpp"

namespace a1111 {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

std::string textAt(const Json& settings, const char* name) {
    const auto found = settings.find(name);
    if (found == settings.end()) return {};
    if (!found->is_string())
        throw Error(Status::kInvalidArgument, "expected a text", std::string("/") + name);
    return found->get<std::string>();
}

Json objectAt(const Json& settings, const char* name) {
    const auto found = settings.find(name);
    if (found == settings.end()) return Json::object();
    if (!found->is_object())
        throw Error(Status::kInvalidArgument, "expected an object", std::string("/") + name);
    return *found;
}

std::string urlOf(const Json& settings) {
    std::string url = textAt(settings, "url");
    if (!url.starts_with("http://") && !url.starts_with("https://"))
        throw Error(Status::kInvalidArgument,
                    "expected the server's address, such as http://192.168.5.40:7860", "/url");
    if (url.find_first_of("?# \t\r\n") != url.npos)
        throw Error(Status::kInvalidArgument, "expected an address without query", "/url");
    // The API's own prefix is ours to add.
    for (const std::string_view tail : {"/", "/sdapi/v1", "/sdapi", "/"}) {
        while (url.ends_with(tail))
            url.resize(url.size() - tail.size());
    }
    return url;
}

}  // namespace

Settings readSettings(std::string_view json) {
    const auto parsed = upstream::parseJson(json.empty() ? "{}" : json);
    if (!parsed || !parsed->is_object())
        throw Error(Status::kInvalidArgument, "the settings are not a JSON object");
    Settings settings;
    settings.url = urlOf(*parsed);
    settings.sampler = textAt(*parsed, "sampler");
    settings.scheduler = textAt(*parsed, "scheduler");
    settings.model = textAt(*parsed, "model");
    settings.overrideSettings = objectAt(*parsed, "override_settings");
    settings.extra = objectAt(*parsed, "extra");
    if (const auto previews = parsed->find("previews"); previews != parsed->end())
        settings.previews = previews->is_boolean() && previews->get<bool>();
    const std::string user = textAt(*parsed, "user");
    const std::string password = textAt(*parsed, "password");
    if (user.empty() && !password.empty())
        throw Error(Status::kInvalidArgument, "a password needs a user", "/user");
    if (user.find(':') != user.npos)
        throw Error(Status::kInvalidArgument, "a user's name has no colon", "/user");
    if (!user.empty()) settings.authorization = "Basic " + upstream::base64(user + ":" + password);
    return settings;
}

}  // namespace a1111
