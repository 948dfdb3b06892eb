// Stands in front of a plain server on this machine as a proxy that ends TLS: what a client says in
// https or wss comes to the server in plain, byte by byte. A thread for each connection; all of
// them end with the object.
#pragma once

#include <memory>
#include <string>

#include "common/tls/authority.hpp"

namespace test {

class TlsFront {
  public:
    // `port` is the plain server's. Throws std::runtime_error.
    TlsFront(const TlsIdentity& identity, int port);
    ~TlsFront();
    TlsFront(const TlsFront&) = delete;
    TlsFront& operator=(const TlsFront&) = delete;

    int port() const;
    std::string url(const std::string& scheme = "https") const {
        return scheme + "://127.0.0.1:" + std::to_string(port());
    }
    // Connections whose handshake was done.
    int granted() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace test
