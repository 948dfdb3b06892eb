#include "services/common/signed_links.hpp"

#include <Poco/HMACEngine.h>
#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <cstdint>

#include "services/query_fields.hpp"
#include "support/clock.hpp"
#include "support/secret.hpp"

namespace host::services {

namespace {

constexpr std::int64_t kGoodForSeconds = 3600;

// What weakens SHA-1 elsewhere, collisions, is no help against an HMAC.
std::string signatureOf(const std::string& key, const std::string& filename,
                        const std::string& expires) {
    Poco::HMACEngine<Poco::SHA1Engine> engine(key);
    engine.update("GET /images/" + filename + "\n" + expires);
    return Poco::DigestEngine::digestToHex(engine.digest());
}

}  // namespace

std::string signedQuery(const std::string& key, const std::string& filename) {
    const std::string expires =
        std::to_string(static_cast<std::int64_t>(epochNow()) + kGoodForSeconds);
    return "?expires=" + expires + "&signature=" + signatureOf(key, filename, expires);
}

bool isSigned(const std::vector<std::string>& keys, const http::Request& request) {
    const std::string given = request.query.get("signature");
    const std::string expires = request.query.get("expires");
    if (given.empty()) return false;
    const auto until = wholeNumber<std::int64_t>(expires);
    const double now = epochNow();
    // Never longer than it may be made for: a clock that went back opens nothing for years.
    if (!until || static_cast<double>(*until) < now ||
        static_cast<double>(*until) > now + kGoodForSeconds + 1) {
        return false;
    }
    const std::string filename = request.pathParam("filename");
    return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
        return sameSecret(given, signatureOf(key, filename, expires));
    });
}

}  // namespace host::services
