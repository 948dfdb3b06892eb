#include "common/tls/tls_front.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <atomic>
#include <csignal>
#include <stdexcept>

#include "common/raw_server.hpp"

namespace test {

namespace {

void check(bool good) {
    if (!good) throw std::runtime_error("TLS cannot be set up");
}

int connectTo(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
}

bool sendAll(int fd, const char* bytes, int size) {
    while (size > 0) {
        const ssize_t sent = ::send(fd, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        size -= static_cast<int>(sent);
    }
    return true;
}

// Both ways, until either side closes.
void pump(SSL* tls, int client, int server) {
    std::array<char, 16 * 1024> piece;
    for (;;) {
        std::array<pollfd, 2> fds{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
        const bool buffered = SSL_pending(tls) > 0;
        if (!buffered && ::poll(fds.data(), fds.size(), -1) < 0) return;
        if (buffered || fds[0].revents != 0) {
            const int got = SSL_read(tls, piece.data(), piece.size());
            if (got <= 0 || !sendAll(server, piece.data(), got)) return;
        }
        if (fds[1].revents != 0) {
            const ssize_t got = ::recv(server, piece.data(), piece.size(), 0);
            if (got <= 0 || SSL_write(tls, piece.data(), static_cast<int>(got)) <= 0) return;
        }
    }
}

}  // namespace

class TlsFront::Impl {
  public:
    Impl(const TlsIdentity& identity, int port)
        : port_(port), context_(SSL_CTX_new(TLS_server_method())) {
        // OpenSSL writes to sockets without MSG_NOSIGNAL.
        std::signal(SIGPIPE, SIG_IGN);
        check(context_ != nullptr);
        BIO* certificateText = BIO_new_mem_buf(identity.certificate.data(), -1);
        BIO* keyText = BIO_new_mem_buf(identity.key.data(), -1);
        X509* certificate = PEM_read_bio_X509(certificateText, nullptr, nullptr, nullptr);
        EVP_PKEY* key = PEM_read_bio_PrivateKey(keyText, nullptr, nullptr, nullptr);
        const bool good = certificate != nullptr && key != nullptr &&
                          SSL_CTX_use_certificate(context_, certificate) == 1 &&
                          SSL_CTX_use_PrivateKey(context_, key) == 1;
        EVP_PKEY_free(key);
        X509_free(certificate);
        BIO_free_all(keyText);
        BIO_free_all(certificateText);
        check(good);
        server_ = std::make_unique<RawServer>([this](RawConnection& client) { serve(client); });
    }
    ~Impl() {
        server_.reset();
        SSL_CTX_free(context_);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    int port() const { return server_->port(); }
    int granted() const { return granted_; }

  private:
    void serve(RawConnection& client) {
        SSL* tls = SSL_new(context_);
        SSL_set_fd(tls, client.fd());
        if (SSL_accept(tls) == 1) {
            ++granted_;
            if (const int server = connectTo(port_); server >= 0) {
                pump(tls, client.fd(), server);
                ::close(server);
            }
            SSL_shutdown(tls);
        }
        SSL_free(tls);
    }

    const int port_;
    SSL_CTX* context_;
    std::atomic<int> granted_{0};
    std::unique_ptr<RawServer> server_;
};

TlsFront::TlsFront(const TlsIdentity& identity, int port)
    : impl_(std::make_unique<Impl>(identity, port)) {}

TlsFront::~TlsFront() = default;

int TlsFront::port() const {
    return impl_->port();
}

int TlsFront::granted() const {
    return impl_->granted();
}

}  // namespace test
