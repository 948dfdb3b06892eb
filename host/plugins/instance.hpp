// One plugin at work for one endpoint or role. Every call into it runs on a thread of its own while
// the caller waits; a call that ignores deadline and cancel is abandoned: its thread and everything
// it may touch live on, and the instance is in quarantine. Once all calls that were given up have
// come back, the next call destroys what the plugin had made and creates it anew. Threads: call
// from any thread; create and destroy once, from the loader. Ownership: by shared_ptr. Errors: in
// CallResult; nothing throws but bad_alloc and a lack of threads.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "plugins/backend.hpp"
#include "plugins/host_context.hpp"
#include "plugins/library.hpp"
#include "plugins/plugin_call.hpp"

namespace host::plugins {

struct InstanceOptions {
    std::string name;  // the endpoint's, or the role's
    std::string role;  // IPL_ROLE_...
    Json settings = Json::object();
    std::string dataFolder;  // exists
    int concurrency = 1;
    std::chrono::milliseconds grace{5000};
};

class Instance : public std::enable_shared_from_this<Instance> {
  public:
    // The functions that all roles have, of the role's table.
    struct Head {
        decltype(ipl_image_backend::create) create = nullptr;
        decltype(ipl_image_backend::destroy) destroy = nullptr;
        decltype(ipl_image_backend::probe) probe = nullptr;
        decltype(ipl_image_backend::describe) describe = nullptr;
    };
    using Function = std::function<ipl_status(void* self, const ipl_call* call)>;

    Instance(Library& library, Head head, InstanceOptions options, HostServices services);

    // Calls the plugin's create. When it fails there is no instance and no destroy.
    CallResult create(const CallContext& context);
    // Calls the plugin's destroy, unless calls are still in it after `patience`. False: it was left
    // alone, or did not come back.
    bool destroy(std::chrono::milliseconds patience);

    // Runs `function` with the instance; it owns all that it reads. Fails before create and after
    // destroy.
    // `name` is what the ABI calls that function: a literal. In quarantine it may take as long as
    // the plugin's create does, beyond the deadline.
    CallResult call(const char* name, const CallContext& context, Expect expect, bool wantsPreview,
                    Function function);

    const std::string& name() const { return options_.name; }
    const std::string& pluginId() const { return library_.info().id; }
    Library& library() const { return library_; }
    bool quarantined() const { return quarantined_; }
    const Head& head() const { return head_; }

  private:
    struct Task;
    // Out of the quarantine, if that can be.
    CallResult renew(const CallContext& context);
    CallResult run(const char* name, const CallContext& context, Expect expect, bool wantsPreview,
                   Function function);
    CallResult runOnThread(const CallContext& context, Expect expect, bool wantsPreview,
                           Function function);
    CallResult wait(const CallContext& context, const std::shared_ptr<Task>& task);
    void count(const char* function, std::chrono::steady_clock::duration taken,
               CallStatus status) const;

    Library& library_;
    const Head head_;
    const InstanceOptions options_;
    const std::shared_ptr<HostContext> host_;
    std::atomic<void*> self_{nullptr};
    std::atomic<int> running_{0};
    std::atomic<bool> quarantined_{false};
    std::atomic<bool> renewing_{false};
    std::atomic<bool> shutDown_{false};
};

}  // namespace host::plugins
