#include "a1111/settings.hpp"

#include "common/base64.hpp"
#include "common/settings.hpp"
#include "common/web_address.hpp"
#include "ipl/error.hpp"

namespace a1111 {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;

std::string urlOf(const Json& settings) {
    std::string url = upstream::webAddress(upstream::textSetting(settings, "url"));
    if (url.empty())
        throw Error(Status::kInvalidArgument,
                    "expected the server's address without query, such as http://192.168.5.40:7860",
                    "/url");
    // The API's own prefix is ours to add.
    for (const char* prefix : {"/sdapi/v1", "/sdapi", "/"}) {
        while (upstream::removeRoute(url, prefix)) {
        }
    }
    return url;
}

}  // namespace

Settings readSettings(std::string_view json) {
    const Json parsed = upstream::settingsObject(json);
    Settings settings;
    settings.url = urlOf(parsed);
    settings.sampler = upstream::textSetting(parsed, "sampler");
    settings.scheduler = upstream::textSetting(parsed, "scheduler");
    settings.model = upstream::textSetting(parsed, "model");
    settings.overrideSettings = upstream::objectSetting(parsed, "override_settings");
    settings.extra = upstream::objectSetting(parsed, "extra");
    settings.previews = upstream::flagSetting(parsed, "previews", true);
    const std::string user = upstream::textSetting(parsed, "user");
    const std::string password = upstream::textSetting(parsed, "password");
    if (user.empty() && !password.empty())
        throw Error(Status::kInvalidArgument, "a password needs a user", "/user");
    if (user.find(':') != user.npos)
        throw Error(Status::kInvalidArgument, "a user's name has no colon", "/user");
    if (!user.empty()) settings.authorization = "Basic " + upstream::base64(user + ":" + password);
    return settings;
}

}  // namespace a1111
