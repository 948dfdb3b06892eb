#include "comfyui/server.hpp"

#include <chrono>

#include "comfyui/errors.hpp"
#include "comfyui/identity.hpp"
#include "common/download.hpp"

namespace comfyui {

namespace {

using ipl::Error;
using ipl::Status;
using upstream::Json;
using namespace std::chrono_literals;

constexpr std::uint64_t kMaxAnswer = std::uint64_t{16} << 20;  // /queue repeats every graph
constexpr std::size_t kMaxErrorBody = 64 * 1024;
constexpr auto kAnswerTime = 10000ms;  // the server's own work may hold it up
constexpr auto kStopTime = 1500ms;     // three in a row end before the host gives the call up

std::string extensionOf(std::string_view mime) {
    if (mime == "image/jpeg") return ".jpg";
    if (mime == "image/webp") return ".webp";
    return ".png";
}

}  // namespace

ipl::HttpResponse Server::perform(const ipl::Call& call, ipl::HttpRequest& request,
                                  bool afterCancel) const {
    request.maxResponse = kMaxAnswer;
    request.timeout = afterCancel ? kStopTime : kAnswerTime;
    request.afterCancel = afterCancel;
    try {
        return http_.perform(call, request);
    } catch (const Error& error) {
        // The request is not too large, the answer is.
        if (error.status() != Status::kTooLarge) throw;
        throw Error(Status::kBadOutput, request.method + " " + request.url.substr(url_.size()) +
                                            ": ComfyUI's answer is over 16 MiB");
    }
}

std::string Server::get(const ipl::Call& call, const std::string& path, bool afterCancel) const {
    ipl::HttpRequest request;
    request.url = url_ + path;
    auto response = perform(call, request, afterCancel);
    if (!response.ok()) throw errorOf("GET " + path, response.status, response.body);
    return std::move(response.body);
}

ipl::HttpResponse Server::post(const ipl::Call& call, const std::string& path,
                               const std::string& body, bool afterCancel) const {
    ipl::HttpRequest request;
    request.method = "POST";
    request.url = url_ + path;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = body;
    return perform(call, request, afterCancel);
}

void Server::queue(const ipl::Call& call, const Json& graph, const std::string& promptId) const {
    // The client_id keeps the events of this prompt from every other client's socket.
    Json body{{"prompt", graph}, {"client_id", promptId}, {"prompt_id", promptId}};
    auto response = post(call, "/prompt", upstream::dump(body));
    if (!response.ok()) throw errorOf("POST /prompt", response.status, response.body);
    auto answer = upstream::parseJson(response.body);
    if (!answer || !answer->is_object() || answer->value("prompt_id", Json()) != promptId)
        throw Error(Status::kBadOutput,
                    "ComfyUI did not take the prompt under the id that it was given (its version "
                    "is too old?): " +
                        upstream::excerpt(response.body));
    std::string faults = nodeFaults(answer->value("node_errors", Json::object()));
    if (faults.empty()) return;
    stop(call, promptId);  // its other outputs are queued already
    throw Error(Status::kUnsupported, "ComfyUI refuses a part of the workflow: " + faults);
}

std::string Server::upload(const ipl::Call& call, const ipl::ImageInput& image) const {
    const std::string_view bytes(reinterpret_cast<const char*>(image.bytes.data()),
                                 image.bytes.size());
    const std::string name = "pipeline-" + hashText(bytes) + extensionOf(image.mime);
    const std::string boundary = "pipeline-" + hashText(name) + hashText(bytes);
    std::string body = "--" + boundary +
                       "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + name +
                       "\"\r\nContent-Type: " + std::string(image.mime) + "\r\n\r\n";
    body.append(bytes).append("\r\n--" + boundary + "--\r\n");
    ipl::HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/upload/image";
    request.headers = {{"Content-Type", "multipart/form-data; boundary=" + boundary}};
    request.body = body;
    request.maxResponse = kMaxErrorBody;
    auto response = http_.perform(call, request);
    if (!response.ok()) throw errorOf("POST /upload/image", response.status, response.body);
    auto answer = upstream::parseJson(response.body);
    if (!answer || !answer->is_object() || !answer->contains("name") ||
        !(*answer)["name"].is_string())
        throw Error(Status::kBadOutput, "ComfyUI gave the uploaded picture no name: " +
                                            upstream::excerpt(response.body));
    auto folder = answer->value("subfolder", Json(""));
    std::string given = (*answer)["name"].get<std::string>();
    if (!folder.is_string() || folder.get_ref<const std::string&>().empty()) return given;
    return folder.get<std::string>() + "/" + given;
}

void Server::fetch(ipl::Call& call, const RemotePicture& remote, std::int64_t seed,
                   const std::string& stats) const {
    ipl::HttpRequest get;
    get.url = url_ + "/view?filename=" + upstream::pathSegment(remote.filename) +
              "&subfolder=" + upstream::pathSegment(remote.subfolder) +
              "&type=" + upstream::pathSegment(remote.type);
    upstream::download(
        http_, call, std::move(get), {.remoteName = remote.filename, .seed = seed, .stats = stats},
        [](int status, std::string_view body) { return errorOf("GET /view", status, body); });
}

void Server::forget(const ipl::Call& call, const std::string& promptId) const {
    post(call, "/history", upstream::dump({{"delete", Json::array({promptId})}}));
}

void Server::stop(const ipl::Call& call, const std::string& promptId) const noexcept {
    // Each by itself: what fails of it must not keep back the rest.
    const auto attempt = [&call](auto step) {
        try {
            step();
        } catch (const std::exception& error) {
            call.log(ipl::Log::kWarning,
                     std::string("ComfyUI could not be told to stop: ") + error.what());
        }
    };
    // Delete first, so that it cannot begin to run after the look.
    attempt([&] {
        post(call, "/queue", upstream::dump({{"delete", Json::array({promptId})}}), true);
    });
    // Before September 2025 ComfyUI read no prompt_id here, and interrupted whatever ran.
    attempt([&] {
        if (findInQueue(get(call, "/queue", true), promptId).place == Place::Running)
            post(call, "/interrupt", upstream::dump({{"prompt_id", promptId}}), true);
    });
}

}  // namespace comfyui
