#include "services/generator/submission.hpp"

#include <algorithm>

#include "services/generator/raw_fields.hpp"

namespace host::services {

GenerateRules rulesOf(const config::Settings& settings) {
    GenerateRules rules{settings.count, settings.steps, {}};
    for (const auto& endpoint : settings.endpoints)
        rules.endpoints.push_back(endpoint.name);
    return rules;
}

Result<pipeline::Submission> submissionOf(const http::Request& request, GenerateRequest parsed) {
    pipeline::Submission submission;
    submission.client = request.clientAddress;
    submission.correlationId = request.correlationId;
    if (const std::string* key = request.headers.find("Idempotency-Key")) {
        const bool printable =
            std::all_of(key->begin(), key->end(), [](char c) { return c > 0x20 && c < 0x7f; });
        if (key->empty() || key->size() > 255 || !printable) {
            return validationError(
                {{"Idempotency-Key", "must be 1 to 255 printable ASCII characters"}});
        }
        submission.idempotencyKey = *key;
        submission.bodyHash = parsed.fingerprint();
    }
    submission.refusal = std::move(parsed.refusal);
    submission.spec = std::move(parsed.spec);
    submission.inputPicture = std::move(parsed.picture);
    submission.inputExtension = std::move(parsed.extension);
    submission.otherPictures = std::move(parsed.otherPictures);
    return submission;
}

}  // namespace host::services
