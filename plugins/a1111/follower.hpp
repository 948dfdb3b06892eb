// Follows a drawing on a connection of its own while another thread waits for its answer. The bar
// never runs back and never says that the end is reached: only the answer does.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "a1111/server.hpp"

namespace a1111 {

class Follower {
  public:
    // The thread uses the call until stop() or the destructor returns.
    Follower(Server& server, ipl::Call& call, Drawing drawing, bool previews);
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    // May wait for the two seconds that a question to the server may take.
    void stop();
    // After stop(): the drawing as it could be followed in the end.
    const Drawing& drawing() const { return drawing_; }

  private:
    void run();
    void look(bool withPreview);
    bool wait();

    Server& server_;
    ipl::Call& call_;
    Drawing drawing_;  // the thread's, until it has ended
    int unknown_ = 0;  // looks in a row that did not find the task
    const bool previews_;
    double furthest_ = 0;
    std::int64_t lastPreview_ = -1;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace a1111
