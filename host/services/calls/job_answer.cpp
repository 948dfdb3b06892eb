#include "services/calls/job_answer.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timestamp.h>
#include <spdlog/spdlog.h>

#include "http/error_text.hpp"

namespace host::services {

namespace {

JobReply failed(const Error& error, const std::string& correlationId, const std::string& path) {
    JobReply reply;
    reply.status = httpStatus(error.code);
    reply.body.text(http::errorText(error, reply.status, correlationId, path));
    return reply;
}

std::string headOf(const JobReply& reply, const std::string& fields, const std::string& jobId) {
    std::string head =
        "HTTP/1.1 " + std::to_string(reply.status) + " " +
        Poco::Net::HTTPResponse::getReasonForStatus(
            static_cast<Poco::Net::HTTPResponse::HTTPStatus>(reply.status)) +
        "\r\nDate: " +
        Poco::DateTimeFormatter::format(Poco::Timestamp(), Poco::DateTimeFormat::HTTP_FORMAT) +
        "\r\n" + fields + "Content-Type: " + reply.type +
        "\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\nX-Job-ID: " + jobId +
        "\r\n";
    for (const auto& [name, value] : reply.headers)
        head += name + ": " + value + "\r\n";
    return head + "Connection: close\r\n\r\n";
}

}  // namespace

JobAnswer::JobAnswer(const Context& context, StartedCall call, std::string path, MakeReply make)
    : context_(context), call_(std::move(call)), path_(std::move(path)), make_(std::move(make)) {}

void JobAnswer::begin(std::string commonFields, std::unique_ptr<http::LateReport> report) {
    fields_ = std::move(commonFields);
    report_ = std::move(report);
}

http::EventBatch JobAnswer::read(std::uint64_t cursor, std::size_t maxBytes) {
    if (!made_ && !job_) {
        bool over = false;
        if (!looked_) {
            const auto seen = isOver(context_, call_.jobId);
            looked_ = seen.has_value();
            over = seen.value_or(false);
        }
        if (!over) {
            const auto found = context_.events.read(cursor, maxBytes, call_.jobId);
            cursor = found.cursor;
            if (!found.jobEnded) return {nullptr, cursor, false};
        }
        call_.place->over();
        job_ = context_.status.job(call_.jobId);
    }
    if (!made_ && !makeReply()) return {nullptr, cursor, false};
    auto part = std::make_shared<const std::string>(out_.next(maxBytes));
    return {std::move(part), cursor, out_.done()};
}

bool JobAnswer::makeReply() {
    std::optional<JobReply> reply;
    try {
        const Result<Json>& job = *job_;
        reply = job ? make_(*job) : failed(job.error(), call_.correlationId, path_);
        if (!reply) return false;
    } catch (const std::exception& fault) {
        spdlog::error("[{}] job {}: its answer cannot be made: {}", call_.correlationId,
                      call_.jobId, fault.what());
        reply = failed({ErrorCode::Internal, "internal error"}, call_.correlationId, path_);
    }
    made_ = true;
    job_.reset();
    spdlog::debug("[{}] job {} is over", call_.correlationId, call_.jobId);
    if (report_) report_->answered(reply->status, reply->body.size());
    const std::string head = headOf(*reply, fields_, call_.jobId);
    out_ = std::move(reply->body);
    out_.textBefore(head);
    return true;
}

}  // namespace host::services
