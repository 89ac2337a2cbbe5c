#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/runner/checks/delivery.h"

namespace trialog::scenarios {
namespace {

/// A history told in verbs, and the anomalies that the checks find in it.
class Story {
 public:
  Story& sends(Value value, Outcome outcome, std::optional<int> offset = std::nullopt) {
    Send send;
    send.producer = 1;
    send.to = partition_;
    send.value = value;
    send.idempotent = idempotent_;
    send.acks = acks_;
    send.outcome = outcome;
    if (offset) send.offset = Offset(*offset);
    history_.sends.push_back(send);
    return *this;
  }
  Story& with_acks(int acks) { return acks_ = acks, *this; }
  Story& without_idempotence() { return idempotent_ = false, *this; }
  Story& reads(int offset, Value value, bool final = false, int consumer = 7) {
    Read read;
    read.consumer = final ? 100 : consumer;
    read.from = partition_;
    read.offset = Offset(offset);
    read.timestamp = wall_time(1000 + offset);
    read.value = value;
    read.final = final;
    history_.reads.push_back(read);
    return *this;
  }
  Story& ends_with(std::vector<std::pair<int, Value>> log) {
    for (const auto& [offset, value] : log) reads(offset, value, true);
    return *this;
  }
  Story& looks_up(int asked, std::optional<int> found) {
    Lookup lookup;
    lookup.in = partition_;
    lookup.offset_asked = Offset(asked);
    if (found) lookup.answer = Offset(*found);
    history_.lookups.push_back(lookup);
    return *this;
  }
  Story& looks_up_time(int ms, std::optional<int> found) {
    Lookup lookup;
    lookup.in = partition_;
    lookup.time_asked = wall_time(ms);
    if (found) lookup.answer = Offset(*found);
    history_.lookups.push_back(lookup);
    return *this;
  }
  std::vector<std::string> anomalies(Promises promises = {}) const {
    std::vector<std::string> names;
    for (const auto& violation : check_delivery(history_, promises)) {
      names.push_back(violation.anomaly);
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

 private:
  TopicPartition partition_{"orders", 0};
  bool idempotent_ = true;
  int acks_ = -1;
  History history_;
};

using Names = std::vector<std::string>;
constexpr auto acknowledged = Outcome::acknowledged;

TEST(Delivery, AFaultlessRunHasNoAnomaly) {
  EXPECT_EQ(Story()
                .sends(1, acknowledged, 0)
                .sends(2, Outcome::unknown)
                .sends(3, Outcome::failed)
                .sends(4, acknowledged, 1)
                .reads(0, 1)
                .reads(1, 4)
                .ends_with({{0, 1}, {1, 4}})
                .looks_up(1, 1)
                .looks_up_time(1001, 1)
                .anomalies(),
            Names{});
}

TEST(Delivery, AnAcknowledgedRecordThatIsGoneIsALostWrite) {
  const auto story =
      Story().sends(1, acknowledged, 0).sends(2, acknowledged, 1).ends_with({{0, 1}});
  EXPECT_EQ(story.anomalies(), Names{"lost-write"});
  Promises none;
  none.excused.insert(TopicPartition("orders", 0));
  EXPECT_EQ(story.anomalies(none), Names{});
}

TEST(Delivery, WhatTheLeaderAloneHadMayBeGoneWhereThereAreMore) {
  const auto story = Story().with_acks(1).sends(1, acknowledged, 0).ends_with({});
  EXPECT_EQ(story.anomalies(), Names{"lost-write"});
  Promises cluster;
  cluster.leader_alone_keeps = false;
  EXPECT_EQ(story.anomalies(cluster), Names{});
}

TEST(Delivery, AnUnknownRecordMayBeThereOnceOrNot) {
  EXPECT_EQ(Story().sends(1, Outcome::unknown).ends_with({{0, 1}}).anomalies(), Names{});
  EXPECT_EQ(Story().sends(1, Outcome::unknown).ends_with({}).anomalies(), Names{});
}

TEST(Delivery, TwicePutByAnIdempotentProducerIsADuplicate) {
  EXPECT_EQ(Story().sends(1, acknowledged, 0).ends_with({{0, 1}, {1, 1}}).anomalies(),
            Names{"duplicate"});
  EXPECT_EQ(Story()
                .without_idempotence()
                .sends(1, acknowledged, 0)
                .ends_with({{0, 1}, {1, 1}})
                .anomalies(),
            Names{});
}

TEST(Delivery, AnOffsetThatHeldTwoValuesIsInconsistent) {
  EXPECT_EQ(Story()
                .sends(1, acknowledged, 0)
                .sends(2, Outcome::unknown)
                .reads(0, 2)
                .ends_with({{0, 1}})
                .anomalies(),
            Names{"inconsistent-offsets"});
}

TEST(Delivery, WhatNobodySentIsAPhantom) {
  EXPECT_EQ(Story().ends_with({{0, 9}}).anomalies(), Names{"phantom"});
  EXPECT_EQ(Story().sends(1, acknowledged, 0).reads(1, 0).ends_with({{0, 1}}).anomalies(),
            Names{"phantom"});
}

TEST(Delivery, AFailedRecordMustNotBeThere) {
  EXPECT_EQ(Story().sends(1, Outcome::failed).ends_with({{0, 1}}).anomalies(),
            Names{"aborted-read"});
}

TEST(Delivery, OneProducersRecordsKeepTheirOrder) {
  EXPECT_EQ(Story()
                .sends(1, acknowledged, 1)
                .sends(2, acknowledged, 0)
                .ends_with({{0, 2}, {1, 1}})
                .anomalies(),
            Names{"nonmonotonic-send"});
}

TEST(Delivery, AConsumerNeitherLeapsNorGoesBack) {
  const auto sent =
      Story().sends(1, acknowledged, 0).sends(2, acknowledged, 1).sends(3, acknowledged, 2);
  const std::vector<std::pair<int, Value>> log{{0, 1}, {1, 2}, {2, 3}};
  EXPECT_EQ(Story(sent).reads(0, 1).reads(2, 3).ends_with(log).anomalies(), Names{"poll-skip"});
  EXPECT_EQ(Story(sent).reads(1, 2).reads(0, 1).ends_with(log).anomalies(),
            Names{"nonmonotonic-poll"});
}

TEST(Delivery, ARecordStandsWhereItsProducerWasTold) {
  EXPECT_EQ(Story().sends(1, acknowledged, 5).ends_with({{0, 1}}).anomalies(),
            Names{"offset-mismatch"});
}

TEST(Delivery, ALookupFindsWhatAScanFinds) {
  const auto story =
      Story().sends(1, acknowledged, 0).sends(2, acknowledged, 1).ends_with({{0, 1}, {1, 2}});
  EXPECT_EQ(Story(story).looks_up(1, 0).anomalies(), Names{"index-lookup"});
  EXPECT_EQ(Story(story).looks_up(1, std::nullopt).anomalies(), Names{"index-lookup"});
  EXPECT_EQ(Story(story).looks_up_time(1001, 0).anomalies(), Names{"index-lookup"});
  EXPECT_EQ(Story(story).looks_up_time(5000, std::nullopt).anomalies(), Names{});
}

TEST(Payload, DamageShows) {
  auto payload = payload_of(42, 100);
  EXPECT_EQ(payload.size(), 100u);
  EXPECT_EQ(value_of(payload), 42);
  payload[50] ^= 1;
  EXPECT_EQ(value_of(payload), 0);
  EXPECT_EQ(value_of("short"), 0);
}

}  // namespace
}  // namespace trialog::scenarios
