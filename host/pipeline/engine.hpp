// The engine: owns every open job, decides what runs where (Scheduler), keeps the lanes busy and
// the database true. One lane per endpoint and one for prompt writing, each with its own threads,
// which claim an item, call the plugin and record the outcome. Nothing waits for anything it does
// not need: there is no barrier between runs, endpoints or prompt writing.
//
// Threads: all public functions are thread-safe. mutex_ guards memory only; it is never held across
// a plugin call or a wait for the disk. Order of life: construct, start() (recovers what a crash
// left), ..., stop().
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/circuit_breaker.hpp"
#include "pipeline/event_log.hpp"
#include "pipeline/gpu_turn.hpp"
#include "pipeline/job_lists.hpp"
#include "pipeline/job_why.hpp"
#include "pipeline/open_job.hpp"
#include "pipeline/retry_policy.hpp"
#include "pipeline/run_times.hpp"
#include "pipeline/scheduler.hpp"
#include "pipeline/setup.hpp"
#include "pipeline/work.hpp"
#include "store/job_store.hpp"
#include "store/picture_store.hpp"
#include "support/metrics.hpp"
#include "support/sync.hpp"

namespace host::pipeline {

struct Submission {
    JobSpec spec;
    std::string client;
    std::string correlationId;
    std::string idempotencyKey;  // empty = none
    std::string bodyHash;        // with it
    std::string inputPicture;    // bytes, or empty
    std::string inputExtension;  // ".png", ...
    // The bytes of spec.inputs, in the same order.
    std::vector<std::string> otherPictures;
    // Why no job can be made of it, if it is known already. The repeat of an earlier one by its key
    // is answered nevertheless.
    std::optional<Error> refusal;
};

struct Receipt {
    std::string jobId;
    std::string status;
    int queuePosition = 0;  // 0 when the job is no longer waiting (a repeat by idempotency key)
    Json leftOut = Json::array();  // see leftOutJson
};

struct RetryReceipt : Receipt {
    int retried = 0;  // pictures that are tried again
};

// What the queue looks like right now; ids in scheduling order.
struct QueueView {
    std::vector<std::string> pending;  // bounded by the caller's limit
    std::vector<std::string> running;  // longest running first
    std::size_t queueSize = 0;
};

// A running item, for the status of its job.
struct LiveItem {
    store::ItemKind kind = store::ItemKind::Image;
    int run = 0;
    std::string slot;
    std::string endpoint;
    double startedAt = 0;
    std::optional<double> progress;
    std::string phase;
    bool hasPreview = false;
};

struct Preview {
    std::string mime;
    std::shared_ptr<const std::string> bytes;
};

struct EndpointView {
    const EndpointSetup* setup = nullptr;
    int busy = 0;
    int queued = 0;  // items that wait for this endpoint, or for any
    CircuitBreaker::State circuit = CircuitBreaker::State::Closed;
    std::string lastError;
};

struct EngineFigures;
struct Forecast;
struct ForecastInput;

class Engine {
  public:
    Engine(EngineOptions options, store::JobStore& store, store::PictureStore& pictures,
           EventLog& events);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Takes up what is unfinished in the store and starts the lanes.
    Status start();
    // No new work is taken; running items get `grace`, the rest is told to stop and handed back.
    // Returns when every lane is at rest.
    void stop(std::chrono::milliseconds grace);

    // Returns when the job is on disk. Fails with Validation when its endpoints cannot draw it. A
    // repeat by idempotency key gets the receipt of the job that it made first, whatever stands
    // against it by now: its endpoints, a full queue, Submission::refusal.
    Result<Receipt> submit(Submission submission);
    Status cancel(const std::string& jobId);
    Result<int> clearQueue();
    // Opens a finished job again for those of its items that failed (see planRetry). Returns when
    // that is on disk; the same receipt again while the job is open after a retry. Fails with
    // Validation when the job is not finished or nothing can be retried. May wait a few seconds for
    // a job that is just ending.
    Result<RetryReceipt> retry(const std::string& jobId, const std::string& correlationId);
    // Of a job that is not finished, also for what is left of a running one. Returns when it is on
    // disk.
    Result<Receipt> setPriority(const std::string& jobId, int priority);
    // Somebody has tested the endpoint and it answered: an open circuit closes.
    void endpointAnswered(std::size_t endpoint);

    QueueView queue(std::size_t pendingLimit) const;
    std::size_t queueSize() const;
    std::string currentJob() const;  // empty when none runs; never blocks for long
    std::vector<LiveItem> live(const std::string& jobId) const;
    std::optional<Preview> preview(const std::string& jobId, const std::string& endpoint) const;
    std::vector<EndpointView> endpoints() const;
    // Why a job is not finished yet, and when it will be; nothing for one that is not open. Memory
    // alone; bounded work, whatever the queue's length.
    std::optional<JobWhy> why(const std::string& jobId) const;
    // Memory alone: never waits for a call or the disk.
    EngineFigures figures() const;
    const EngineOptions& options() const { return options_; }

  private:
    struct LaneState {
        int busy = 0;  // calls; what only has to be recorded has left the lane
        CircuitBreaker breaker;
        std::string lastError;
        std::multiset<std::string> jobs;  // of the items that run here
        std::shared_ptr<plugins::Cancellation> probing;
        std::optional<SteadyTime> heardAt;  // when it last answered
        SteadyTime busyUntil{};             // it asked to be left alone until then
        SteadyTime lookAt{};                // when to look again for who has waited long enough
    };
    enum class Phase { Running, Draining, Stopped };
    // One change at a time of a job that a user changes.
    class JobTurn {
      public:
        JobTurn(Engine& engine, std::string jobId);
        ~JobTurn();
        JobTurn(const JobTurn&) = delete;
        JobTurn& operator=(const JobTurn&) = delete;

      private:
        Engine& engine_;
        const std::string jobId_;
    };
    // A place in the queue for a job on its way to the disk, see reserve().
    struct Reservation {
        Engine& engine;
        ~Reservation() { engine.unreserve(); }
    };

    // engine_recovery.cpp
    Status recover();
    void adopt(store::JobDetail detail, store::ChangeSet& change);
    // An unfinished job of which nothing runs, as its rows tell. What cannot be done any more fails
    // in `change`.
    OpenJob& takeUp(std::unique_ptr<OpenJob> made, const std::vector<store::ItemRow>& items,
                    store::ChangeSet& change) IPL_REQUIRES(mutex_);
    static std::string goneError(const std::string& endpoint);
    void interrupted(const OpenJob& job, store::ItemRow& row, store::ChangeSet& change) const;
    void closeLeftover(const store::JobDetail& detail, store::ChangeSet& change);

    // engine_lanes.cpp
    void laneLoop(int lane);
    void promptLoop();
    std::optional<Work> next(int lane);
    // `now`: when the lane began to look for it.
    Work take(int lane, const Scheduler::Pick& pick, Work::Kind kind, SteadyTime now)
        IPL_REQUIRES(mutex_);
    Work giveUp(int lane, const Scheduler::Pick& pick, std::string reason) IPL_REQUIRES(mutex_);
    void releaseDue(SteadyTime now, SteadyTime& wakeAt) IPL_REQUIRES(mutex_);
    bool claim(Work& work);

    // engine_health.cpp
    int placesOf(int lane) const;
    // Whether an endpoint other than that of `lane` could take the run: none with an open circuit.
    // Without a run: any of them, also one that has been failed elsewhere.
    bool othersMayDo(const Slot& slot, std::optional<int> run, int lane) const IPL_REQUIRES(mutex_);
    bool mayMove(const Work& work) IPL_REQUIRES(mutex_);
    bool asksFirst(int lane, const Slot& slot, SteadyTime now) const IPL_REQUIRES(mutex_);
    Work beginProbe(int lane) IPL_REQUIRES(mutex_);
    void liftExclusions() IPL_REQUIRES(mutex_);
    std::optional<Work> longestWaiting(int lane, SteadyTime now) IPL_REQUIRES(mutex_);
    std::optional<Work> nextForOpenCircuit(int lane, SteadyTime now, SteadyTime& wakeAt)
        IPL_REQUIRES(mutex_);
    void probe(const Work& work);
    void feedBreaker(const Work& work, const plugins::CallResult& call) IPL_EXCLUDES(mutex_);
    // A prompt that was to show whether the model is back ended without telling.
    void undecided(const Work& work) IPL_REQUIRES(mutex_);

    // engine_gpu.cpp
    static GpuTurn makeGpuTurn(const EngineOptions& options);
    void updateGpuTurn(SteadyTime now, SteadyTime& wakeAt) IPL_REQUIRES(mutex_);
    std::optional<Work> nextRelease(int lane) IPL_REQUIRES(mutex_);
    void releaseGpu(const Work& work) IPL_EXCLUDES(mutex_);

    // engine_times.cpp
    void seedTimes();
    // The work of one of the job's items at that lane.
    double workAtLane(int lane, const JobSpec& spec) const;
    void setLimit(Work& work) const IPL_REQUIRES(mutex_);
    // A learned limit that was overrun is told, and widened.
    void noteLimit(const Work& work, plugins::CallResult& call) IPL_EXCLUDES(mutex_);

    // engine_why.cpp
    bool explainDatabase(JobWhy& why) const IPL_REQUIRES(mutex_);
    void explainShare(const OpenJob& job, const Slot& slot, JobWhy& why) const IPL_REQUIRES(mutex_);
    void explainReady(const OpenJob& job, const Slot& slot, int lane, WaitReason reason,
                      JobWhy& why) const IPL_REQUIRES(mutex_);
    void addBasis(const OpenJob& job, JobWhy& why) const IPL_REQUIRES(mutex_);
    std::string laneName(int lane) const;
    // engine_forecast.cpp
    ForecastInput forecastInput() const IPL_EXCLUDES(mutex_);
    std::shared_ptr<const Forecast> forecastFor(const std::string& jobId) const
        IPL_EXCLUDES(mutex_, forecastMutex_);

    // engine_outcome.cpp
    void finishDrawing(Work& work, DrawOutcome outcome);
    void drawn(Work& work, DrawOutcome& outcome);
    // `reached`: it was the endpoint's backend that failed it.
    void drawingFailed(Work& work, const plugins::CallResult& call, bool reached);
    void tryAgain(Work& work, const plugins::CallResult& call, std::chrono::milliseconds delay,
                  bool counts);
    void endCancelled(Work& work, const plugins::CallResult& call);
    void failedFinally(Work& work, const plugins::CallResult& call);
    void countFinal(const store::ItemKey& key, bool success, const std::string& error)
        IPL_REQUIRES(mutex_);
    // The lane may take another item; the result of this one is still to be recorded.
    void leaveLane(Work& work) IPL_REQUIRES(mutex_);
    void release(Work& work) IPL_REQUIRES(mutex_);
    void settle(const std::string& jobId);
    // The item of `work` is ready again after so long.
    void delay(const Work& work, std::chrono::milliseconds delay) IPL_REQUIRES(mutex_);
    // Whether an item that is to be asked again at `again` may wait on: not for ever.
    bool mayWaitOn(const Work& work, SteadyTime again) IPL_REQUIRES(mutex_);
    bool record(const store::ChangeSet& change);
    Json endpointJson(const std::string& name) const;
    // Fails a picture without an attempt; `row` is what is known of the item, if anything.
    void addFailure(store::ChangeSet& change, const store::ItemKey& key, const std::string& error,
                    store::ItemRow* row = nullptr) const;

    // engine_prompts.cpp
    void finishPrompt(Work& work, PromptOutcome outcome);
    void promptFinal(Work& work, Json result, const std::string& outcome, const std::string& error);
    void failRun(const store::ItemKey& prompt, const std::string& error);
    Json fallbackResult(const Work& work, const std::string& error) const;

    // engine_change.cpp
    Result<RetryReceipt> reopen(store::JobDetail detail, const std::string& correlationId);
    bool waitForEnding(const std::string& jobId) const;
    int waitingPosition(const OpenJob& job) const IPL_REQUIRES(mutex_);

    // engine_queue.cpp
    Status saveInputs(const Submission& submission, store::JobRow& row, JobSpec& spec);
    void removeInputs(store::JobRow& row, JobSpec& spec);
    Result<Receipt> repeatOr(const Submission& submission, Error refusal);
    Receipt receiptOf(const std::string& jobId);
    Status reserve();
    void unreserve();
    void addOpen(std::unique_ptr<OpenJob> job) IPL_REQUIRES(mutex_);
    // Whether its user wants the job to end.
    void setCancelled(OpenJob& job, bool cancelled) IPL_REQUIRES(mutex_);
    OpenJob* find(const std::string& jobId) IPL_REQUIRES(mutex_);
    void erase(const std::string& jobId) IPL_REQUIRES(mutex_);

    RunningItem* runningItem(const store::ItemKey& key) IPL_REQUIRES(mutex_);
    void progressed(const store::ItemKey& key, double fraction, std::string_view phase);
    void previewed(const store::ItemKey& key, std::string_view mime,
                   std::span<const std::byte> bytes);

    const EngineOptions options_;
    store::JobStore& store_;
    store::PictureStore& pictures_;
    EventLog& events_;
    std::map<std::string, int> laneOf_;
    const int promptLane_;

    mutable Mutex mutex_;
    mutable CondVar wake_;
    Phase phase_ IPL_GUARDED_BY(mutex_) = Phase::Running;
    bool abandonCommits_ IPL_GUARDED_BY(mutex_) = false;
    Scheduler scheduler_ IPL_GUARDED_BY(mutex_);
    std::map<std::string, std::unique_ptr<OpenJob>> open_ IPL_GUARDED_BY(mutex_);
    JobLists lists_ IPL_GUARDED_BY(mutex_);
    std::vector<LaneState> lanes_ IPL_GUARDED_BY(mutex_);
    GpuTurn gpu_ IPL_GUARDED_BY(mutex_);
    std::uint64_t looksSeen_ IPL_GUARDED_BY(mutex_) = 0;  // see Vision::looks
    std::shared_ptr<plugins::Cancellation> releasing_ IPL_GUARDED_BY(mutex_);
    std::string releaseComplaint_ IPL_GUARDED_BY(mutex_);
    std::multimap<SteadyTime, store::ItemKey> delayed_ IPL_GUARDED_BY(mutex_);
    std::size_t queued_ IPL_GUARDED_BY(mutex_) = 0;          // open jobs that wait
    std::size_t reserved_ IPL_GUARDED_BY(mutex_) = 0;        // submissions on their way to the disk
    std::set<std::string> changing_ IPL_GUARDED_BY(mutex_);  // see JobTurn
    std::int64_t nextOrder_ IPL_GUARDED_BY(mutex_) = 0;
    int atWork_ IPL_GUARDED_BY(mutex_) = 0;
    RunTimes times_ IPL_GUARDED_BY(mutex_);

    Histogram claimSeconds_;  // from the choice of an item until its claim is on disk

    mutable Mutex forecastMutex_;
    mutable std::shared_ptr<const Forecast> forecast_ IPL_GUARDED_BY(forecastMutex_);
    mutable SteadyTime forecastMade_ IPL_GUARDED_BY(forecastMutex_);
    std::vector<std::thread> threads_;
};

}  // namespace host::pipeline
