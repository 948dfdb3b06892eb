// A host and a call for the code of plugins that asks servers: every request gets the next of the
// given answers, the last one again and again. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuzz.hpp"
#include "ipl/call.hpp"
#include "ipl/host.hpp"

namespace fuzz {

class FakeHost {
  public:
    struct Answer {
        std::int32_t status = 200;
        std::string_view body;
    };

    explicit FakeHost(std::vector<Answer> answers) : answers_(std::move(answers)) {
        host_.struct_size = sizeof(host_);
        host_.name = host_.version = "fuzz";
        host_.ctx = this;
        host_.log = [](const ipl_host*, std::int32_t, ipl_span) {};
        host_.get_interface = [](const ipl_host*, const char* id) -> const void* {
            static const ipl_host_http kHttp{sizeof(ipl_host_http), 0, &FakeHost::perform};
            return std::string_view(id) == IPL_HOST_HTTP ? &kHttp : nullptr;
        };
        call_.struct_size = sizeof(call_);
        call_.cancel_fd = -1;
        call_.ctx = this;
        call_.deadline_ms = 60'000;
        call_.cancelled = [](const ipl_call*) -> std::int32_t { return IPL_CANCEL_NONE; };
        call_.remaining_ms = [](const ipl_call*) -> std::int64_t { return 60'000; };
        call_.progress = [](const ipl_call*, double, std::uint32_t, std::uint32_t, const char*) {
            return ipl_status{IPL_OK};
        };
        call_.preview = [](const ipl_call*, ipl_span, ipl_span) { return ipl_status{IPL_OK}; };
        call_.image_begin = [](const ipl_call*, const ipl_image_out*, std::uint64_t* handle) {
            *handle = 1;
            return ipl_status{IPL_OK};
        };
        call_.image_write = [](const ipl_call*, std::uint64_t, ipl_span) {
            return ipl_status{IPL_OK};
        };
        call_.image_commit = [](const ipl_call*, std::uint64_t) { return ipl_status{IPL_OK}; };
        call_.image_abort = [](const ipl_call*, std::uint64_t) { return ipl_status{IPL_OK}; };
        call_.text = [](const ipl_call*, ipl_span, std::uint32_t) { return ipl_status{IPL_OK}; };
        call_.set_error = [](const ipl_call*, ipl_status, const char*, ipl_span, ipl_span) {};
        call_.log = [](const ipl_call*, std::int32_t, ipl_span) {};
    }
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    ipl::Host host() const { return ipl::Host(&host_); }
    ipl::Call call() const { return ipl::Call(&call_); }
    int requests() const { return requests_; }

  private:
    // Fails for a request that no host would let out.
    static ipl_status perform(const ipl_host* host, const ipl_call*,
                              const ipl_http_request* request, const ipl_http_sink* sink) {
        auto& self = *static_cast<FakeHost*>(host->ctx);
        const std::string_view url = ipl::viewOf(request->url);
        check(url.starts_with("http://fuzz/"), "a request goes to the server of the settings");
        check(url.find_first_of(" \t\r\n#") == url.npos, "an address is one");
        check(++self.requests_ < 100, "requests are bounded");
        const Answer& answer = self.answers_[self.next_];
        if (self.next_ + 1 < self.answers_.size()) ++self.next_;
        if (const auto status = sink->on_headers(sink->ctx, answer.status, ipl::spanOf(kHeaders));
            status != IPL_OK)
            return status;
        return answer.body.empty() ? ipl_status{IPL_OK}
                                   : sink->on_body(sink->ctx, ipl::spanOf(answer.body));
    }

    static constexpr std::string_view kHeaders = "content-type: application/json\nretry-after: 3\n";

    const std::vector<Answer> answers_;
    std::size_t next_ = 0;
    int requests_ = 0;
    ipl_host host_{};
    ipl_call call_{};
};

}  // namespace fuzz
