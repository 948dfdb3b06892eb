// What the network interfaces of the ABI, HTTP and websocket, translate alike. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "ipl/ipl.h"
#include "plugins/plugin_call.hpp"
#include "support/http_client.hpp"

namespace host::plugins {

ipl_status statusOf(HttpOutcome outcome);

// "Name: value" lines, with X-Correlation-ID unless they hold one. A line without a colon becomes a
// name that the client refuses.
HttpHeaders parseHeaders(std::string_view lines, const std::string& correlationId);

// At most a day; `whenZero` for 0 and less.
std::chrono::milliseconds boundedMs(std::int64_t value, std::int64_t whenZero);

// Sets the call's error and gives the status back.
ipl_status fail(PluginCall& call, ipl_status status, std::string_view message);

}  // namespace host::plugins
