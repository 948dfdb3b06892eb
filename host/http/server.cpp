#include "http/server.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <spdlog/spdlog.h>

#include <system_error>
#include <thread>

#include "http/event_loop.hpp"

namespace host::http {

namespace {

constexpr int kBacklog = 4096;  // Poco's own 64 makes crowds of clients wait for seconds

}  // namespace

class Server::Impl {
  public:
    explicit Impl(std::shared_ptr<EventLoop> eventLoop, std::uint16_t listeningPort)
        : loop(std::move(eventLoop)), port(listeningPort), thread([this] { loop->run(); }) {}

    std::shared_ptr<EventLoop> loop;
    const std::uint16_t port;
    std::thread thread;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
    stop(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Front& front,
                                              std::shared_ptr<const Router> router) {
    const std::string where = options.address + " port " + std::to_string(options.port);
    try {
        const Poco::Net::SocketAddress address(options.address, options.port);
        Poco::Net::ServerSocket listener;
        // Not the two-argument form: that one also lets a second process share the port.
        listener.bind(address, true, false);
        listener.listen(kBacklog);
        listener.setBlocking(false);
        const std::uint16_t port = listener.address().port();
        auto loop = std::make_shared<EventLoop>(std::move(options), front, std::move(router),
                                                std::move(listener));
        return std::unique_ptr<Server>(new Server(std::make_unique<Impl>(std::move(loop), port)));
    } catch (const Poco::Exception& fault) {
        return Error{ErrorCode::Internal, "cannot listen on " + where + ": " + fault.displayText()};
    } catch (const std::system_error& fault) {
        return Error{ErrorCode::Internal, "cannot listen on " + where + ": " + fault.what()};
    }
}

std::uint16_t Server::port() const {
    return impl_->port;
}

void Server::stop(std::chrono::milliseconds grace) {
    if (!impl_->thread.joinable()) return;
    impl_->loop->stop(grace);
    impl_->thread.join();
}

}  // namespace host::http
