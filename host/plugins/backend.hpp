// The three kinds of backend as the rest of the host sees them, whatever stands behind them.
// Every function blocks until the plugin is done, at most until the deadline plus a grace of a few
// seconds; a plugin that ignores both is given up (CallStatus::Hung, the backend is quarantined),
// so these calls always return. Thread-safe; the caller keeps to the configured concurrency for
// generate, complete and analyze. None throws.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/call.hpp"
#include "plugins/capabilities.hpp"
#include "plugins/input_role.hpp"
#include "support/sync.hpp"

namespace host::plugins {

// A picture that goes into a call. `mime` is sniffed from the bytes, so it is true.
struct PictureIn {
    std::string mime;
    std::shared_ptr<const std::string> bytes;  // shared: an abandoned call may still read it
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    InputRole role = InputRole::None;  // of a picture in ImageRequest::others
};

// Field meanings as in ipl_image_request.
struct ImageRequest {
    std::string prompt;
    std::string negativePrompt;
    std::string orientation;
    std::string sizeClass;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t steps = 0;
    std::uint32_t runIndex = 0;
    std::uint32_t attempt = 1;
    std::optional<std::int64_t> seed;
    std::optional<double> guidanceScale;
    std::optional<double> strength;
    std::optional<PictureIn> image;  // the start picture
    std::vector<PictureIn> others;   // the pictures beside it, each with its role
    bool wantsPreview = false;
    Json extra = Json::object();
};

// For complete and analyze. Field meanings as in ipl_prompt_request and ipl_vision_request.
struct TextRequest {
    std::string system;
    std::string user;
    std::string model;
    std::optional<double> temperature;
    std::optional<std::int64_t> seed;
    std::uint32_t maxTokens = 0;
    std::string responseSchema;
    std::string steering;            // vision only
    std::optional<PictureIn> image;  // vision only
    Json extra = Json::object();
};

class Backend {
  public:
    virtual ~Backend() = default;
    virtual const std::string& name() const = 0;  // the endpoint's name, or the role's
    virtual const std::string& pluginId() const = 0;
    // A call was given up: no more work until it has come back; the next call then makes it anew.
    virtual bool quarantined() const = 0;
    virtual CallResult probe(const CallContext& context) = 0;
    virtual CallResult describe(const CallContext& context) = 0;  // capability JSON in text

    // What describe told last; never null, and nothing known before. A snapshot: ask again rather
    // than keep it.
    std::shared_ptr<const Capabilities> capabilities() const IPL_EXCLUDES(mutex_);
    void setCapabilities(Capabilities capabilities) IPL_EXCLUDES(mutex_);
    // To be told whether it answered a probe. True when it did for the first time, or after it was
    // away: see learnAfterProbe.
    bool cameBack(bool answers);

  private:
    mutable Mutex mutex_;
    std::shared_ptr<const Capabilities> capabilities_ IPL_GUARDED_BY(mutex_) =
        std::make_shared<const Capabilities>();
    std::atomic<bool> away_{true};
};

class ImageBackend : public Backend {
  public:
    virtual CallResult generate(const ImageRequest& request, const CallContext& context) = 0;
};

class PromptBackend : public Backend {
  public:
    virtual CallResult complete(const TextRequest& request, const CallContext& context) = 0;
    virtual CallResult listModels(const CallContext& context) = 0;
    // Frees what the backend holds in the memory of its GPU; Unsupported when it cannot.
    virtual CallResult release(const CallContext& context);
};

class VisionBackend : public Backend {
  public:
    virtual CallResult analyze(const TextRequest& request, const CallContext& context) = 0;
    virtual CallResult listModels(const CallContext& context) = 0;
    // Frees what the backend holds in the memory of its GPU; Unsupported when it cannot.
    virtual CallResult release(const CallContext& context);
};

}  // namespace host::plugins
