// A certificate authority of a test's own, which nobody trusts unless told to. One thread.
#pragma once

#include <memory>
#include <string>

namespace test {

// PEM.
struct TlsIdentity {
    std::string certificate;
    std::string key;
};

class TlsAuthority {
  public:
    TlsAuthority();
    ~TlsAuthority();
    TlsAuthority(const TlsAuthority&) = delete;
    TlsAuthority& operator=(const TlsAuthority&) = delete;

    // Its own certificate, for whoever is to trust it.
    std::string certificate() const;
    // For a server; `names` as subjectAltName takes them, such as "IP:127.0.0.1,DNS:localhost".
    // Valid for `days` from an hour ago on; expired when negative.
    TlsIdentity issue(const std::string& names = "IP:127.0.0.1", int days = 1) const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace test
