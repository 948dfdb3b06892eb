// The two stages of a run: a model writes the prompt, an endpoint draws the picture. Each is one
// blocking call into a plugin with its request built before and its output tidied afterwards;
// neither touches the database nor the engine's memory. Any thread; never throws.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "pipeline/setup.hpp"
#include "pipeline/work.hpp"

namespace host::pipeline {

// Asks the prompt writer for the prompt of a run. Where the setup has a vision model and the job an
// input picture, it is the vision model that is asked, for a prompt that describes the picture and
// transforms it by the concept. A backend that answers with scene JSON has only looked: the prompt
// writer writes from the scene then.
PromptOutcome writePrompt(const Work& work, const PromptSetup& setup,
                          store::PictureStore& pictures);

// What the embedded writer, where there is one, makes of the concept; empty when it cannot.
std::string embeddedPrompt(const Work& work, const PromptSetup& setup);

// What a stage ends with when a job's input picture cannot be read.
plugins::CallResult unreadableInput(const Error& error);

// How a call ends that this process has no memory for.
plugins::CallResult outOfOurMemory();

// Probes an endpoint's backend.
plugins::CallResult askEndpoint(plugins::Backend& backend, const plugins::CallContext& context);

using ProgressSink = std::function<void(double fraction, std::string_view phase)>;
using PreviewSink = std::function<void(std::string_view mime, std::span<const std::byte> bytes)>;

DrawOutcome draw(const Work& work, const EndpointSetup& setup, store::PictureStore& pictures,
                 ProgressSink progress, PreviewSink preview);

// The stem of a picture's file name: gen_{ip or endpoint name}_{remote name or job and run}.
std::string fileStem(const EndpointSetup& setup, const std::string& remoteName,
                     const std::string& jobId, int run);

}  // namespace host::pipeline
