#include "test_host.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace validate {
namespace {

constexpr uint64_t kMaxStored = 256U << 20;  // pictures and text of one call
constexpr size_t kMaxBreaches = 20;
constexpr uint64_t kMaxPreview = 256U << 10;

std::string_view viewOf(ipl_span span) {
    return span.data == nullptr ? std::string_view() : std::string_view(span.data, span.size);
}

ipl_span spanOf(std::string_view text) {
    return {text.data(), text.size()};
}

const Json* find(const ipl_host* host, const char* pointer) {
    const auto& settings = static_cast<const TestHost*>(host->ctx)->settings();
    try {
        const Json::json_pointer path(pointer);
        return settings.contains(path) ? &settings.at(path) : nullptr;
    } catch (const Json::exception&) {
        return nullptr;  // not a JSON pointer
    }
}

const ipl_host_config kConfig = {
    sizeof(ipl_host_config),
    0,
    [](const ipl_host* host, const char* pointer, ipl_span* out) -> int32_t {
        const Json* value = find(host, pointer);
        if (value == nullptr || !value->is_string()) return 0;
        *out = spanOf(value->get_ref<const std::string&>());
        return 1;
    },
    [](const ipl_host* host, const char* pointer, int64_t* out) -> int32_t {
        const Json* value = find(host, pointer);
        if (value == nullptr || !value->is_number_integer()) return 0;
        *out = value->get<int64_t>();
        return 1;
    },
    [](const ipl_host* host, const char* pointer, double* out) -> int32_t {
        const Json* value = find(host, pointer);
        if (value == nullptr || !value->is_number()) return 0;
        *out = value->get<double>();
        return 1;
    },
    [](const ipl_host* host, const char* pointer, int32_t* out) -> int32_t {
        const Json* value = find(host, pointer);
        if (value == nullptr || !value->is_boolean()) return 0;
        *out = value->get<bool>() ? 1 : 0;
        return 1;
    }};

void ignoreMetric(const ipl_host*, const char*, const char* const*, uint32_t, double) {}

const ipl_host_metrics kMetrics = {sizeof(ipl_host_metrics), 0, ignoreMetric, ignoreMetric,
                                   ignoreMetric};

// Every backend beyond this process counts as down.
const ipl_host_http kHttp = {
    sizeof(ipl_host_http), 0,
    [](const ipl_host*, const ipl_call* call, const ipl_http_request*, const ipl_http_sink*) {
        const ipl_status status = call->cancelled(call) != 0 ? IPL_E_CANCELLED : IPL_E_UNAVAILABLE;
        call->set_error(call, status, nullptr, spanOf("ipl-validate has no network"), {});
        return status;
    }};

}  // namespace

TestHost::TestHost(Json settings) : settings_(std::move(settings)) {
    host_.struct_size = sizeof(host_);
    host_.abi_minor = IPL_ABI_MINOR;
    host_.name = "ipl-validate";
    host_.version = "1";
    host_.ctx = this;
    host_.log = [](const ipl_host*, int32_t, ipl_span) {};
    host_.get_interface = [](const ipl_host*, const char* id) -> const void* {
        const std::string_view name(id);
        if (name == IPL_HOST_CONFIG) return &kConfig;
        if (name == IPL_HOST_METRICS) return &kMetrics;
        if (name == IPL_HOST_HTTP) return &kHttp;
        return nullptr;
    };
}

TestCall::TestCall(std::chrono::milliseconds limit)
    : deadline_(std::chrono::steady_clock::now() + limit) {
    call_.struct_size = sizeof(call_);
    call_.cancel_fd = eventfd(0, EFD_CLOEXEC);
    call_.ctx = this;
    call_.correlation_id = spanOf("ipl-validate");
    call_.job_id = spanOf("");
    call_.deadline_ms = limit.count();
    fillCallbacks();
}

TestCall::~TestCall() {
    ::close(call_.cancel_fd);
}

void TestCall::cancel() {
    reason_ = IPL_CANCEL_USER;
    const uint64_t one = 1;
    if (::write(call_.cancel_fd, &one, sizeof(one)) < 0) fail("eventfd cannot be written");
}

void TestCall::fillCallbacks() {
    call_.cancelled = [](const ipl_call* call) -> int32_t {
        of(call).enter("cancelled");
        return of(call).reason_;
    };
    call_.remaining_ms = [](const ipl_call* call) -> int64_t {
        of(call).enter("remaining_ms");
        const auto left = of(call).deadline_ - std::chrono::steady_clock::now();
        return std::max<int64_t>(
            0, std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
    };
    call_.progress = [](const ipl_call* call, double fraction, uint32_t, uint32_t, const char*) {
        const ipl_status status = of(call).enter("progress");
        if (!std::isfinite(fraction)) of(call).breach("progress is not a number");
        return status;
    };
    call_.preview = [](const ipl_call* call, ipl_span, ipl_span bytes) {
        const ipl_status status = of(call).enter("preview");
        if (bytes.size > kMaxPreview) of(call).breach("a preview of more than 256 KiB");
        return status;
    };
    call_.image_begin = [](const ipl_call* call, const ipl_image_out*, uint64_t* handle) {
        TestCall& me = of(call);
        if (const ipl_status status = me.enter("image_begin"); status != IPL_OK) return status;
        const std::lock_guard lock(me.mutex_);
        *handle = me.pictures_.size() + 1;
        me.pictures_[*handle] = {};
        return ipl_status{IPL_OK};
    };
    call_.image_write = [](const ipl_call* call, uint64_t handle, ipl_span bytes) {
        return of(call).write(handle, bytes);
    };
    call_.image_commit = [](const ipl_call* call, uint64_t handle) {
        const ipl_status status = of(call).enter("image_commit");
        return status != IPL_OK ? status : of(call).close(handle, true);
    };
    call_.image_abort = [](const ipl_call* call, uint64_t handle) {
        of(call).enter("image_abort");
        return of(call).close(handle, false);
    };
    call_.text = [](const ipl_call* call, ipl_span text, uint32_t flags) {
        TestCall& me = of(call);
        if (const ipl_status status = me.enter("text"); status != IPL_OK) return status;
        const std::lock_guard lock(me.mutex_);
        if (text.size > kMaxStored - me.stored_) return ipl_status{IPL_E_TOO_LARGE};
        me.stored_ += text.size;
        if ((flags & IPL_TEXT_REASONING) != 0) return ipl_status{IPL_OK};
        if ((flags & IPL_TEXT_DELTA) == 0) me.text_.clear();
        me.text_ += viewOf(text);
        return ipl_status{IPL_OK};
    };
    call_.set_error = [](const ipl_call* call, ipl_status, const char* field, ipl_span message,
                         ipl_span) {
        TestCall& me = of(call);
        me.enter("set_error");
        const std::lock_guard lock(me.mutex_);
        me.error_ = field != nullptr ? std::string(field).substr(0, 200) + ": " : "";
        me.error_ += viewOf(message).substr(0, 1000);
    };
    call_.log = [](const ipl_call* call, int32_t, ipl_span) { of(call).enter("log"); };
}

ipl_status TestCall::enter(const char* function) {
    if (ended_) breach(std::string(function) + " used after the function returned");
    return reason_ != IPL_CANCEL_NONE ? IPL_E_CANCELLED : IPL_OK;
}

void TestCall::breach(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (breaches_.size() < kMaxBreaches &&
        std::find(breaches_.begin(), breaches_.end(), what) == breaches_.end()) {
        breaches_.push_back(what);
    }
}

ipl_status TestCall::write(uint64_t handle, ipl_span bytes) {
    if (const ipl_status status = enter("image_write"); status != IPL_OK) return status;
    bool wrong = false;
    {
        const std::lock_guard lock(mutex_);
        const auto found = pictures_.find(handle);
        wrong = found == pictures_.end() || !found->second.open;
        if (!wrong) {
            if (bytes.size > kMaxStored - stored_) return IPL_E_TOO_LARGE;
            stored_ += bytes.size;
            found->second.bytes += viewOf(bytes);
        }
    }
    if (wrong) breach("image_write on a picture that is not open");
    return wrong ? IPL_E_INVALID_ARGUMENT : IPL_OK;
}

ipl_status TestCall::close(uint64_t handle, bool commit) {
    bool wrong = false;
    {
        const std::lock_guard lock(mutex_);
        const auto found = pictures_.find(handle);
        wrong = found == pictures_.end() || !found->second.open;
        if (!wrong) {
            found->second.open = false;
            found->second.committed = commit;
        }
    }
    if (wrong) {
        breach(std::string(commit ? "image_commit" : "image_abort") +
               " on a picture that is not open");
    }
    return wrong ? IPL_E_INVALID_ARGUMENT : IPL_OK;
}

std::string TestCall::text() const {
    const std::lock_guard lock(mutex_);
    return text_;
}

std::vector<std::string> TestCall::pictures() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> result;
    for (const auto& [handle, picture] : pictures_) {
        if (picture.committed) result.push_back(picture.bytes);
    }
    return result;
}

std::string TestCall::error() const {
    const std::lock_guard lock(mutex_);
    return error_;
}

std::vector<std::string> TestCall::breaches() const {
    const std::lock_guard lock(mutex_);
    return breaches_;
}

std::string nameOfStatus(ipl_status status) {
    static const char* const kNames[] = {
        "OK",      "INVALID_ARGUMENT", "UNSUPPORTED", "IMAGE_FORMAT", "TOO_LARGE",  "UNAVAILABLE",
        "BUSY",    "TIMEOUT",          "CANCELLED",   "UPSTREAM",     "BAD_OUTPUT", "OUT_OF_MEMORY",
        "INTERNAL"};
    if (status < 0 || status > IPL_E_INTERNAL) return "unknown status " + std::to_string(status);
    return kNames[status];
}

}  // namespace validate
