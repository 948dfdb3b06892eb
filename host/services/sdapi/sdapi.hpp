// The generator's port as an A1111 server: drawings are jobs like any other, and wait for theirs
// without holding a thread. See docs/decisions/openai-endpoint.md. Thread-safe.
#pragma once

#include <string>

#include "http/router.hpp"
#include "services/calls/waiting_calls.hpp"
#include "services/context.hpp"
#include "services/generator/generate_request.hpp"
#include "services/sdapi/chosen_models.hpp"
#include "services/sdapi/named_tasks.hpp"

namespace host::services {

class SdApi {
  public:
    // Borrows `calls`, which outlives every answer.
    SdApi(const Context& context, WaitingCalls& calls);

    void addRoutes(http::Router& router);

  private:
    http::Response draw(http::Request& request, bool fromPicture);
    http::Response progress(const http::Request& request) const;
    http::Response taskProgress(const http::Request& request) const;
    http::Response interrupt(const http::Request& request);
    http::Response options(const http::Request& request) const;
    http::Response setOptions(const http::Request& request);
    http::Response models() const;

    const Context context_;
    const GenerateRules rules_;
    WaitingCalls& calls_;
    ChosenModels chosen_;
    NamedTasks tasks_;
};

}  // namespace host::services
