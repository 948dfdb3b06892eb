// The one thread that runs prompts.
#include <algorithm>

#include "sim-comfyui/studio.hpp"
#include "sim-endpoint/picture.hpp"

namespace sim {

void Studio::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
        if (stopping_) return;
        running_ = std::move(pending_.front());
        pending_.pop_front();
        interrupted_ = false;
        const Prompt prompt = *running_;
        changed_.notify_all();
        log_.write({{"target", ""}, {"running", prompt.id}, {"at_ms", epochMs()}});
        tellStatus();
        tell(prompt, "execution_start");
        sample(prompt, lock);
        if (stopping_) return;
        running_.reset();
        const Json sampler{{"node_id", "3"}, {"node_type", "KSampler"}};
        if (interrupted_) {
            finish(prompt, "execution_interrupted", sampler);
        } else if (prompt.fault == "fail" || prompt.fault == "out-of-memory") {
            Json about = sampler;
            const bool memory = prompt.fault == "out-of-memory";
            about["exception_type"] = memory ? "torch.OutOfMemoryError" : "RuntimeError";
            about["exception_message"] = memory
                                             ? "Allocation on device"
                                             : "cannot open /home/someone/models/vae.pt: damaged";
            finish(prompt, "execution_error", about);
        } else if (prompt.fault != "forget") {
            finish(prompt, "execution_success", Json::object());
        }
    }
}

// The samplers one after the other, each step with a preview, until they are done or interrupted.
void Studio::sample(const Prompt& prompt, std::unique_lock<std::mutex>& lock) {
    std::vector<std::string> samplers;
    int steps = 4;
    for (const auto& [id, each] : prompt.graph.items()) {
        if (!each.is_object() || !each.contains("inputs")) continue;
        const Json& inputs = each["inputs"];
        if (inputs.contains("latent_image")) samplers.push_back(id);
        auto asked = inputs.find("steps");
        if (asked != inputs.end() && asked->is_number())
            steps = std::clamp(asked->get<int>(), 1, 200);
    }
    if (samplers.empty()) samplers.emplace_back("3");
    std::uniform_real_distribution<double> vary(1 - options_.jitter, 1 + options_.jitter);
    const double seconds =
        prompt.fault == "hang" ? 3600 : std::max(0.0, options_.seconds * vary(random_));
    const std::chrono::duration<double> pace(seconds / steps /
                                             static_cast<double>(samplers.size()));
    for (const auto& node : samplers) {
        tell(prompt, "executing", {{"node", node}, {"display_node", node}});
        for (int step = 1; step <= steps; ++step) {
            changed_.wait_for(lock, pace, [this] { return stopping_ || interrupted_; });
            if (stopping_ || interrupted_) return;
            tellStep(prompt, node, step, steps);
        }
    }
}

// Holds mutex_.
void Studio::tellStep(const Prompt& prompt, const std::string& node, int step, int steps) {
    Json state{{"value", step},
               {"max", steps},
               {"state", "running"},
               {"node_id", node},
               {"prompt_id", prompt.id}};
    tell(prompt, "progress_state", {{"nodes", {{node, state}}}});
    tell(prompt, "progress", {{"value", step}, {"max", steps}, {"node", node}});
    events_.preview(prompt.client, prompt.id, node,
                    makePicture(64, 64, static_cast<std::uint64_t>(step)));
    if (prompt.fault == "cut-socket") events_.refuse();
}

void Studio::tell(const Prompt& prompt, const char* type, Json data) {
    data["prompt_id"] = prompt.id;
    events_.send(prompt.client, Json{{"type", type}, {"data", data}}.dump());
}

// Holds mutex_.
void Studio::tellStatus() {
    const std::size_t remaining = pending_.size() + (running_ ? 1 : 0);
    events_.send("", Json{{"type", "status"},
                          {"data", {{"status", {{"exec_info", {{"queue_remaining", remaining}}}}}}}}
                         .dump());
}

// Holds mutex_.
void Studio::finish(const Prompt& prompt, const char* message, Json about) {
    const bool good = std::string_view(message) == "execution_success";
    about["prompt_id"] = prompt.id;
    Json outputs = good ? draw(prompt) : Json::object();
    for (const auto& [node, output] : outputs.items())
        tell(prompt, "executed", {{"node", node}, {"display_node", node}, {"output", output}});
    tell(prompt, message, about);
    history_.emplace_back(
        prompt.id,
        Json{{"prompt", {prompt.number, prompt.id, prompt.graph, Json::object(), Json::array()}},
             {"outputs", outputs},
             {"status",
              {{"status_str", good ? "success" : "error"},
               {"completed", good},
               {"messages", Json::array({Json::array({message, about})})}}},
             {"meta", Json::object()}});
    if (history_.size() > kKept) history_.pop_front();
    tellStatus();
    tell(prompt, "executing", {{"node", nullptr}});
    log_.write({{"target", ""}, {"outcome", message}, {"at_ms", epochMs()}});
}

// Holds mutex_. One picture for every SaveImage.
Studio::Json Studio::draw(const Prompt& prompt) {
    Json outputs = Json::object();
    std::uint32_t width = 512;
    std::uint32_t height = 512;
    std::uint64_t seed = 0;
    for (const auto& [id, node] : prompt.graph.items()) {
        if (!node.is_object() || !node.contains("inputs")) continue;
        const Json& inputs = node["inputs"];
        const auto number = [&inputs](const char* key, auto fallback) {
            auto value = inputs.find(key);
            bool set = value != inputs.end() && value->is_number_unsigned();
            return set ? value->template get<decltype(fallback)>() : fallback;
        };
        width = std::min(number("width", width), 4096U);
        height = std::min(number("height", height), 4096U);
        seed = number("seed", seed);
    }
    for (const auto& [id, node] : prompt.graph.items()) {
        if (!node.is_object() || node.value("class_type", "") != "SaveImage") continue;
        const std::string file = "sim_" + std::to_string(prompt.number) + "_" + id + "_.png";
        files_.emplace_back("output//" + file, makePicture(width, height, seed));
        if (files_.size() > kKept) files_.pop_front();
        outputs[id]["images"].push_back(
            {{"filename", file}, {"subfolder", ""}, {"type", "output"}});
    }
    return outputs;
}

}  // namespace sim
