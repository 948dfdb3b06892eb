#include "support/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "common/metrics_text.hpp"
#include "support/process_figures.hpp"

namespace {

using host::MetricFamily;
using host::MetricKind;
using host::MetricsRegistry;
using host::MetricsText;
using test::metricOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::array kBounds{0.5, 2.0};
constexpr MetricFamily kSeconds{"work_seconds", "How long work took.", kBounds};
constexpr MetricFamily kThings{"things_total", "Things that happened."};

TEST(Metrics, AHistogramCountsUpwardsAndEndsWithAllOfThem) {
    MetricsRegistry metrics;
    host::Histogram& seconds = metrics.histogram(kSeconds, {{"kind", "a"}});
    for (const double value : {0.5, 1.0, 100.0})
        seconds.observe(value);
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("# HELP work_seconds How long work took.\n"
                                "# TYPE work_seconds histogram\n"
                                "work_seconds_bucket{kind=\"a\",le=\"0.5\"} 1\n"
                                "work_seconds_bucket{kind=\"a\",le=\"2\"} 2\n"
                                "work_seconds_bucket{kind=\"a\",le=\"+Inf\"} 3\n"
                                "work_seconds_sum{kind=\"a\"} 101.5\n"
                                "work_seconds_count{kind=\"a\"} 3\n"));
}

TEST(Metrics, TheSameLabelsGiveTheSameCounterFromAnyThread) {
    MetricsRegistry metrics;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&metrics] {
            for (int n = 0; n < 1000; ++n)
                metrics.counter(kThings, {{"a", "b"}}).add();
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(metricOf(metrics.text(), "things_total"), 4000);
}

TEST(Metrics, TextOfALabelCannotBreakOutOfItsLine) {
    MetricsRegistry metrics;
    metrics.counter(kThings, {{"name", "a\"b\\c\nd"}}).add();
    EXPECT_THAT(metrics.text(), HasSubstr("things_total{name=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(Metrics, WhatPluginsReportIsBoundedAndTheRestGoesOn) {
    MetricsRegistry metrics;
    for (int i = 0; i < 1000; ++i) {
        metrics.counterAdd("one", {{"n", std::to_string(i)}}, 1);
        metrics.gaugeSet("name" + std::to_string(i), {}, 1);
    }
    const std::string text = metrics.text();
    EXPECT_EQ(metricOf(text, "one", "n=\"199\""), 1);
    EXPECT_FALSE(metricOf(text, "one", "n=\"200\""));
    EXPECT_TRUE(metricOf(text, "name198"));
    EXPECT_FALSE(metricOf(text, "name199"));
    EXPECT_EQ(metrics.dropped(), 800U + 801U);
    metrics.counter(kThings).add();
    EXPECT_EQ(metricOf(metrics.text(), "things_total"), 1);
}

TEST(Metrics, WhatTheHostCountsHasABoundToo) {
    MetricsRegistry metrics;
    for (std::size_t i = 0; i < MetricsRegistry::kMaxSets + 10; ++i)
        metrics.histogram(kSeconds, {{"n", std::to_string(i)}}).observe(1);
    EXPECT_EQ(metrics.dropped(), 10U);
    EXPECT_LT(metrics.text().size(), 2'000'000U);
}

TEST(Metrics, NamesAndLabelsThatTheFormatDoesNotAllowAreDropped) {
    MetricsRegistry metrics;
    metrics.counterAdd("a b", {}, 1);
    metrics.counterAdd("9a", {}, 1);
    metrics.counterAdd("ok_total", {{"le", "1"}}, 1);
    metrics.counterAdd("ok_total", {{"__name", "1"}}, 1);
    metrics.counterAdd("ok_total", {{"a", "1"}, {"a", "2"}}, 1);
    metrics.counterAdd("ok_total", {}, -1);
    metrics.counterAdd("ok_total", {}, std::nan(""));
    metrics.observe("ok_bucket", {}, 1);
    metrics.gaugeSet("kind", {}, 1);
    metrics.counterAdd("kind", {}, 1);  // it is a gauge
    EXPECT_EQ(metrics.dropped(), 9U);
    EXPECT_THAT(metrics.text(), Not(HasSubstr("ok_")));
}

TEST(Metrics, CollectorsAreAskedAtEveryLook) {
    MetricsRegistry metrics;
    double asked = 0;
    metrics.collect([&asked](MetricsText& text) {
        text.single(MetricKind::Gauge, "asked", "How often.", ++asked);
    });
    EXPECT_EQ(metricOf(metrics.text(), "asked"), 1);
    EXPECT_EQ(metricOf(metrics.text(), "asked"), 2);
}

TEST(Metrics, TheProcessIsDescribedTruly) {
    MetricsText writer;
    host::writeProcessFigures(writer);
    const std::string text = writer.take();
    EXPECT_GT(metricOf(text, "process_resident_memory_bytes").value_or(0), 1e6);
    EXPECT_GT(metricOf(text, "process_cpu_seconds_total").value_or(-1), -0.5);
    EXPECT_GE(metricOf(text, "process_threads").value_or(0), 1);
    const double open = metricOf(text, "process_open_fds").value_or(0);
    EXPECT_GE(open, 3);
    EXPECT_LT(open, 200);
    EXPECT_GT(metricOf(text, "process_max_fds").value_or(0), open);
    const double now = static_cast<double>(std::time(nullptr));
    const double start = metricOf(text, "process_start_time_seconds").value_or(0);
    EXPECT_LT(start, now + 2);
    EXPECT_GT(start, now - 3600);
}

}  // namespace
