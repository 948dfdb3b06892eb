#include "common/tls/authority.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace test {

namespace {

template <auto Free>
struct Freed {
    template <typename T>
    void operator()(T* what) const {
        Free(what);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free_all>>;

constexpr long kHour = 3600;
constexpr long kDay = 24 * kHour;

void check(bool good) {
    if (!good) throw std::runtime_error("a certificate cannot be made");
}

Key newKey() {
    Key key(EVP_EC_gen("P-256"));
    check(key != nullptr);
    return key;
}

template <typename Write>
std::string pem(const Write& write) {
    const Memory memory(BIO_new(BIO_s_mem()));
    check(memory && write(memory.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pemOf(X509* certificate) {
    return pem([&](BIO* to) { return PEM_write_bio_X509(to, certificate); });
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

Certificate blank(EVP_PKEY* key, const char* name, long serial, long validFor) {
    Certificate made(X509_new());
    check(made != nullptr);
    X509* certificate = made.get();
    X509_NAME* subject = X509_get_subject_name(certificate);
    check(X509_set_version(certificate, 2) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1 &&
          X509_gmtime_adj(X509_getm_notBefore(certificate), std::min(-kHour, validFor - kHour)) !=
              nullptr &&
          X509_gmtime_adj(X509_getm_notAfter(certificate), validFor) != nullptr &&
          X509_set_pubkey(certificate, key) == 1 &&
          X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(name), -1, -1, 0) == 1);
    return made;
}

}  // namespace

struct TlsAuthority::Parts {
    Key key = newKey();
    Certificate certificate = blank(key.get(), "An authority of the tests", 1, kDay);
};

TlsAuthority::TlsAuthority() : parts_(std::make_unique<Parts>()) {
    X509* own = parts_->certificate.get();
    check(X509_set_issuer_name(own, X509_get_subject_name(own)) == 1);
    extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
    extend(own, own, NID_subject_key_identifier, "hash");
    check(X509_sign(own, parts_->key.get(), EVP_sha256()) > 0);
}

TlsAuthority::~TlsAuthority() = default;

std::string TlsAuthority::certificate() const {
    return pemOf(parts_->certificate.get());
}

TlsIdentity TlsAuthority::issue(const std::string& names, int days) const {
    const Key key = newKey();
    const Certificate made = blank(key.get(), "A server of the tests", 2, days * kDay);
    X509* own = parts_->certificate.get();
    check(X509_set_issuer_name(made.get(), X509_get_subject_name(own)) == 1);
    extend(made.get(), own, NID_subject_alt_name, names);
    check(X509_sign(made.get(), parts_->key.get(), EVP_sha256()) > 0);
    return {pemOf(made.get()), pem([&](BIO* to) {
                return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr,
                                                nullptr);
            })};
}

}  // namespace test
