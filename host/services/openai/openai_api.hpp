// The generator's port as an OpenAI images service: each call is a job like any other, and waits
// for it without holding a thread. See docs/decisions/openai-endpoint.md. Thread-safe.
#pragma once

#include "http/router.hpp"
#include "services/calls/waiting_calls.hpp"
#include "services/context.hpp"
#include "services/generator/generate_request.hpp"
#include "services/openai/image_options.hpp"
#include "services/openai/image_reply.hpp"

namespace host::services {

class OpenAiApi {
  public:
    // Borrows `calls` and `conversions`, which outlive every answer.
    OpenAiApi(const Context& context, WaitingCalls& calls, PictureConversions& conversions);

    void addRoutes(http::Router& router);

  private:
    http::Response images(http::Request& request, bool edit);
    http::Response model(const http::Request& request) const;
    MakeReply replyTo(ImageReplyOptions options, const ImageOptions& wanted) const;

    const Context context_;
    const GenerateRules rules_;
    WaitingCalls& calls_;
    PictureConversions& conversions_;
};

}  // namespace host::services
