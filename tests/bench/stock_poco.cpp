// Peer of P1: Poco's HTTPServer as it comes, answering 300 bytes of JSON to everything.
//   stock-poco THREADS    prints "listening on PORT"
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

const std::string kBody =
    R"({"service":"stock","status":"healthy","padding":")" + std::string(250, 'x') + "\"}";

class Answer : public Poco::Net::HTTPRequestHandler {
  public:
    void handleRequest(Poco::Net::HTTPServerRequest&,
                       Poco::Net::HTTPServerResponse& response) override {
        response.setContentType("application/json");
        response.sendBuffer(kBody.data(), kBody.size());
    }
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
  public:
    Poco::Net::HTTPRequestHandler* createRequestHandler(
        const Poco::Net::HTTPServerRequest&) override {
        return new Answer;
    }
};

}  // namespace

int main(int argc, char** argv) {
    const int threads = argc > 1 ? std::atoi(argv[1]) : 64;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    Poco::ThreadPool pool(2, threads);
    auto* parameters = new Poco::Net::HTTPServerParams;
    parameters->setMaxThreads(threads);
    parameters->setMaxQueued(1000);
    parameters->setKeepAlive(true);
    const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0), 4096);
    Poco::Net::HTTPServer server(new Factory, pool, socket, parameters);
    server.start();
    std::printf("listening on %d\n", static_cast<int>(socket.address().port()));
    std::fflush(stdout);
    int signal = 0;
    sigwait(&ends, &signal);
    server.stop();
    return 0;
}
