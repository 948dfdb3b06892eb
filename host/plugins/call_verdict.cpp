// How a finished call is judged: from what the plugin returned and what it did on the way.
#include "plugins/abi_text.hpp"
#include "plugins/plugin_call.hpp"
#include "support/text.hpp"

namespace host::plugins {

namespace {

// Failures that a cancel may have caused: the plugin's connection was closed under it. The others
// stand whatever else happened.
bool mayComeFromCancel(ipl_status status) {
    return status == IPL_E_CANCELLED || status == IPL_E_UNAVAILABLE || status == IPL_E_TIMEOUT ||
           status == IPL_E_UPSTREAM || status == IPL_E_BAD_OUTPUT || status == IPL_E_INTERNAL;
}

std::string defaultMessage(CallStatus status) {
    switch (status) {
        case CallStatus::Timeout:
            return "The plugin did not finish in time.";
        case CallStatus::Cancelled:
            return "The call was cancelled.";
        default:
            return "The plugin failed with " + std::string(statusName(status)) +
                   " and did not say why.";
    }
}

}  // namespace

CallStatus PluginCall::judge(ipl_status returned, CallResult& result) {
    const CancelReason why = reason();
    if (returned < IPL_OK || returned > IPL_E_INTERNAL) {
        misbehaviour("unknown_status");
        returned = IPL_E_INTERNAL;
    }
    if (returned == IPL_E_CANCELLED && why == CancelReason::None) {
        misbehaviour("cancelled_uncancelled");
        result.message = "The plugin gave up as if cancelled, though nobody cancelled it.";
        return CallStatus::Internal;
    }
    if (why != CancelReason::None && mayComeFromCancel(returned)) {
        result.cancelReason = why;
        return why == CancelReason::Deadline ? CallStatus::Timeout : CallStatus::Cancelled;
    }
    MutexLock lock(mutex_);
    if (returned != IPL_OK) return static_cast<CallStatus>(returned);
    if (textTooLarge_) {
        result.message = "The answer is longer than 1 MiB.";
        return CallStatus::TooLarge;
    }
    if (droppedPicture_) misbehaviour("picture_not_committed");
    if (expect_ == Expect::Picture && result.pictures == 0) {
        if (hostStatus_ != IPL_OK) return static_cast<CallStatus>(hostStatus_);
        misbehaviour("ok_without_picture");
        result.message = "The plugin reported success, but handed over no picture.";
        return CallStatus::BadOutput;
    }
    if (expect_ == Expect::Text && trim(result.text).empty()) {
        result.message = "The plugin reported success, but handed over no text.";
        return CallStatus::BadOutput;
    }
    if (expect_ == Expect::JsonObject && !trim(result.text).empty() &&
        !parseObject(result.text, kMaxText)) {
        misbehaviour("answer_is_no_json_object");
        result.message = "The plugin handed over something that is not a JSON object.";
        return CallStatus::BadOutput;
    }
    return CallStatus::Ok;
}

CallResult PluginCall::result(ipl_status returned) {
    CallResult result;
    result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
    result.pictures = pictures_.committed();
    std::string message;
    std::string hostNote;
    {
        MutexLock lock(mutex_);
        result.field = std::move(field_);
        result.details = std::exchange(details_, Json::object());
        result.text = std::exchange(text_, {});
        result.reasoning = replaceInvalidUtf8(std::exchange(reasoning_, {}));
        message = std::move(message_);
        hostNote = std::move(hostNote_);
    }
    if (!isValidUtf8(result.text)) {
        misbehaviour("invalid_utf8");
        result.text = replaceInvalidUtf8(result.text);
    }
    result.status = judge(returned, result);
    result.misbehaviours = misbehaviours_;
    if (result.ok()) {
        result.field.clear();
        result.details = Json::object();
        return result;
    }
    if (result.message.empty()) {
        result.message = !message.empty()    ? message
                         : !hostNote.empty() ? hostNote
                                             : defaultMessage(result.status);
    }
    return result;
}

}  // namespace host::plugins
