// ComfyUI's HTTP API as one instance uses it. Safe on any thread; every function blocks until the
// answer is there, the call's deadline, or its cancel. Failures are thrown as ipl::Error. No Origin
// is ever sent: one that differs from Host is answered 403.
#pragma once

#include <string>

#include "comfyui/history.hpp"
#include "common/upstream.hpp"

namespace comfyui {

class Server {
  public:
    Server(const ipl::Host& host, std::string url) : http_(host), url_(std::move(url)) {}

    // GET of a JSON answer; kBadOutput when it is over 16 MiB, kUpstream or kBusy for a refusal.
    std::string get(const ipl::Call& call, const std::string& path, bool afterCancel = false) const;
    // Queues the graph under that id. What only some outputs have against them is an error too:
    // 200 does not mean that all of it will run.
    void queue(const ipl::Call& call, const upstream::Json& graph,
               const std::string& promptId) const;
    // What LoadImage takes for the uploaded picture.
    std::string upload(const ipl::Call& call, const ipl::ImageInput& image) const;
    // Streams one picture to the host.
    void fetch(ipl::Call& call, const RemotePicture& remote, std::int64_t seed,
               const std::string& stats) const;
    void forget(const ipl::Call& call, const std::string& promptId) const;
    // Takes a waiting prompt from the queue, or interrupts it when it runs; never another one. Also
    // when the call is cancelled; takes 4.5 s at most; throws nothing.
    void stop(const ipl::Call& call, const std::string& promptId) const noexcept;

  private:
    ipl::HttpResponse perform(const ipl::Call& call, ipl::HttpRequest& request,
                              bool afterCancel) const;
    ipl::HttpResponse post(const ipl::Call& call, const std::string& path, const std::string& body,
                           bool afterCancel = false) const;

    const ipl::HttpClient http_;
    const std::string url_;
};

}  // namespace comfyui
