#include "fake_backends.hpp"

#include "support/base64.hpp"

namespace test {

std::string tinyPng() {
    return *host::base64Decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
        "rkJggg==");
}

CallResult deliver(const CallContext& context, const std::string& remoteName) {
    host::plugins::PictureInfo info;
    info.remoteName = remoteName;
    info.seed = 42;
    CallStatus why = CallStatus::Ok;
    const auto writer = context.observer->beginPicture(info, why);
    if (!writer) return failure(why);
    const std::string png = tinyPng();
    why = writer->write(std::as_bytes(std::span(png.data(), png.size())));
    if (why != CallStatus::Ok) return failure(why);
    why = writer->commit();
    if (why != CallStatus::Ok) return failure(why);
    return {.status = CallStatus::Ok, .pictures = 1};
}

}  // namespace test
