// Whose certificates are trusted in https and wss: the system's authorities, and those of the
// operator's own that the usual variables of OpenSSL name, SSL_CERT_FILE (a PEM file, in place of
// the system's bundle) and SSL_CERT_DIR (a folder made by c_rehash, in place of the system's).
// Thread-safe as long as nobody changes the environment.
#pragma once

#include <curl/curl.h>

namespace host {

// libcurl itself reads neither variable.
void trustAuthorities(CURL* easy);

}  // namespace host
