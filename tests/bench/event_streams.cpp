// P4: holds N server-sent event streams open and tells how long after an event was made (its
// `time`) every stream had it.
//   event-streams PORT COUNT    prints "open", then one line per line read from stdin:
//   "EVENTS P50 P99" in milliseconds over all streams since the line before
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

int connectTo(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return -1;
    const std::string request = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    if (write(fd, request.data(), request.size()) < 0) return -1;
    return fd;
}

// Every `"time":` in what arrived, as a latency.
void take(std::string& rest, std::vector<double>& latencies) {
    const double at = now();
    static const std::string mark = "\"time\":";
    std::size_t from = 0;
    for (;;) {
        const std::size_t place = rest.find(mark, from);
        const std::size_t end = place == std::string::npos ? place : rest.find('\n', place);
        if (end == std::string::npos) break;
        latencies.push_back((at - std::strtod(rest.c_str() + place + mark.size(), nullptr)) * 1000);
        from = end;
    }
    const std::size_t keep = std::min<std::size_t>(rest.size() - from, 4096);
    rest.erase(0, rest.size() - keep);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 64;
    const int count = std::atoi(argv[2]);
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    const int poller = epoll_create1(0);
    std::vector<int> descriptors;
    std::vector<std::string> rests;
    for (int i = 0; i < count; ++i) {
        const int fd = connectTo(std::atoi(argv[1]));
        if (fd < 0) {
            std::perror("connect");
            return 1;
        }
        std::string head;
        char piece[512];
        while (head.find("\r\n\r\n") == std::string::npos) {
            const ssize_t got = read(fd, piece, sizeof piece);
            if (got <= 0) return 1;
            head.append(piece, static_cast<std::size_t>(got));
        }
        fcntl(fd, F_SETFL, O_NONBLOCK);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u32 = static_cast<std::uint32_t>(i);
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
        descriptors.push_back(fd);
        rests.emplace_back();
    }
    epoll_event input{};
    input.events = EPOLLIN;
    input.data.u32 = static_cast<std::uint32_t>(count);
    epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &input);
    std::puts("open");
    std::fflush(stdout);

    std::vector<double> latencies;
    std::vector<epoll_event> ready(512);
    std::vector<char> piece(64 * 1024);
    for (;;) {
        const int n = epoll_wait(poller, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < n; ++i) {
            const std::uint32_t which = ready[static_cast<std::size_t>(i)].data.u32;
            if (which == static_cast<std::uint32_t>(count)) {
                if (read(STDIN_FILENO, piece.data(), piece.size()) <= 0) return 0;
                std::sort(latencies.begin(), latencies.end());
                const auto at = [&](double part) {
                    if (latencies.empty()) return 0.0;
                    return latencies[static_cast<std::size_t>(
                        part * static_cast<double>(latencies.size() - 1))];
                };
                std::printf("%zu %.3f %.3f\n", latencies.size(), at(0.5), at(0.99));
                std::fflush(stdout);
                latencies.clear();
                continue;
            }
            const ssize_t got = read(descriptors[which], piece.data(), piece.size());
            if (got <= 0) {
                epoll_ctl(poller, EPOLL_CTL_DEL, descriptors[which], nullptr);
                continue;
            }
            rests[which].append(piece.data(), static_cast<std::size_t>(got));
            take(rests[which], latencies);
        }
    }
}
