#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/runner/checks/inspector.h"
#include "tests/unit/scenarios/one_partition.h"

namespace trialog::scenarios {
namespace {

using Names = std::vector<std::string>;

Names names_of(const Violations& violations) {
  Names names;
  for (const auto& violation : violations) names.push_back(violation.anomaly);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

using test::OnePartition;

const TopicPartition orders{"orders", 0};
constexpr NodeId one{1}, two{2}, three{3};

BatchView batch(int base, int end, int epoch, std::uint64_t digest) {
  BatchView view;
  view.base = Offset(base);
  view.end = Offset(end);
  view.epoch = Epoch(epoch);
  view.digest = digest;
  return view;
}

// --- committed prefix -----------------------------------------------------------------------

TEST(CommittedPrefix, ReplicasThatAgreeAreFine) {
  CommittedPrefix prefix;
  for (const auto node : {one, two}) {
    prefix.appended(node, orders, batch(0, 3, 0, 11));
    prefix.appended(node, orders, batch(3, 4, 0, 12));
    prefix.committed(node, orders, Epoch(0), batch(0, 3, 0, 11));
  }
  EXPECT_EQ(names_of(prefix.take()), Names{});
  EXPECT_EQ(prefix.committed_end(orders), Offset(3));
}

TEST(CommittedPrefix, ADifferentBatchBelowTheWatermarkIsFound) {
  CommittedPrefix prefix;
  prefix.committed(one, orders, Epoch(0), batch(0, 3, 0, 11));
  prefix.committed(two, orders, Epoch(0), batch(0, 3, 1, 99));
  EXPECT_EQ(names_of(prefix.take()), Names{"committed-prefix"});
}

TEST(CommittedPrefix, BatchesThatOverlapAreFound) {
  for (const auto& other : {batch(2, 5, 1, 9), batch(0, 9, 1, 9)}) {
    CommittedPrefix prefix;
    prefix.committed(one, orders, Epoch(0), batch(0, 2, 0, 1));
    prefix.committed(one, orders, Epoch(0), batch(3, 4, 0, 2));
    prefix.committed(two, orders, Epoch(1), other);
    EXPECT_EQ(names_of(prefix.take()), Names{"committed-prefix"}) << other.base.value;
  }
}

TEST(CommittedPrefix, AnEpochAndAnOffsetNameOneBatchForGood) {
  CommittedPrefix prefix;
  prefix.appended(one, orders, batch(7, 8, 2, 5));
  prefix.appended(one, orders, batch(7, 8, 3, 6));  // Truncated, another epoch: fine.
  EXPECT_EQ(names_of(prefix.take()), Names{});
  prefix.appended(two, orders, batch(7, 8, 2, 7));
  EXPECT_EQ(names_of(prefix.take()), Names{"epoch-offset-twice"});
}

TEST(CommittedPrefix, ALeaderHasAllThatWasCommitted) {
  CommittedPrefix prefix;
  prefix.committed(one, orders, Epoch(0), batch(0, 10, 0, 1));
  prefix.elected(two, orders, Epoch(1), Offset(10));
  EXPECT_EQ(names_of(prefix.take()), Names{});
  prefix.elected(three, orders, Epoch(2), Offset(9));
  EXPECT_EQ(names_of(prefix.take()), Names{"leader-incomplete"});
}

TEST(CommittedPrefix, ALeaderThatHearsLateOfItsElectionNeedNotHaveWhatCameLater) {
  CommittedPrefix prefix;
  prefix.committed(one, orders, Epoch(3), batch(0, 10, 3, 1));
  prefix.elected(two, orders, Epoch(2), Offset(4));
  EXPECT_EQ(names_of(prefix.take()), Names{});
}

TEST(CommittedPrefix, ADeposedLeaderCommitsNothingThatTheNextOneLacks) {
  CommittedPrefix prefix;
  prefix.elected(two, orders, Epoch(2), Offset(4));
  prefix.committed(one, orders, Epoch(1), batch(0, 4, 1, 1));
  EXPECT_EQ(names_of(prefix.take()), Names{});
  prefix.committed(one, orders, Epoch(1), batch(4, 5, 1, 2));
  EXPECT_EQ(names_of(prefix.take()), Names{"leader-incomplete"});
}

TEST(CommittedPrefix, WhatIsNotPromisedIsNotJudged) {
  CommittedPrefix prefix;
  prefix.committed(one, orders, Epoch(0), batch(0, 10, 0, 1));
  prefix.excuse(orders);
  prefix.elected(three, orders, Epoch(2), Offset(9));
  prefix.committed(three, orders, Epoch(0), batch(0, 10, 2, 2));
  EXPECT_EQ(names_of(prefix.take()), Names{});
}

// --- leaders and votes ----------------------------------------------------------------------

TEST(OneLeader, AnEpochHasOne) {
  OneLeader leaders;
  leaders.leads(orders, Epoch(1), one);
  leaders.leads(orders, Epoch(1), one);
  leaders.leads(orders, Epoch(2), two);
  leaders.leads(TopicPartition("orders", 1), Epoch(1), two);
  EXPECT_EQ(names_of(leaders.take()), Names{});
  leaders.leads(orders, Epoch(1), three);
  EXPECT_EQ(names_of(leaders.take()), Names{"two-leaders"});
}

TEST(OneLeader, ALeaderNotesItsEpochAlsoIfItWritesNothing) {
  OneLeader leaders;
  ReplicaView view;
  view.partition = orders;
  view.epoch = view.newest_epoch = Epoch(4);
  leaders.began(one, view);
  EXPECT_EQ(names_of(leaders.take()), Names{});
  view.newest_epoch = Epoch(3);
  leaders.began(one, view);
  EXPECT_EQ(names_of(leaders.take()), Names{"epoch-not-recorded"});
}

TEST(OneLeader, SoHasAnEpochOfTheQuorum) {
  OneLeader leaders;
  leaders.quorum_leads(Epoch(4), one);
  leaders.quorum_leads(Epoch(5), two);
  EXPECT_EQ(names_of(leaders.take()), Names{});
  leaders.quorum_leads(Epoch(4), two);
  EXPECT_EQ(names_of(leaders.take()), Names{"two-quorum-leaders"});
}

TEST(OneLeader, ANodeVotesOncePerEpoch) {
  OneLeader leaders;
  leaders.voted(one, Epoch(4), two);
  leaders.voted(one, Epoch(4), two);
  leaders.voted(three, Epoch(4), three);
  leaders.voted(one, Epoch(5), three);
  EXPECT_EQ(names_of(leaders.take()), Names{});
  leaders.voted(one, Epoch(4), three);
  EXPECT_EQ(names_of(leaders.take()), Names{"two-votes"});
}

// --- marks that only rise -------------------------------------------------------------------

ReplicaView replica(int start, int end, int high_watermark) {
  ReplicaView view;
  view.partition = orders;
  view.start = Offset(start);
  view.end = view.log_end = Offset(end);
  view.high_watermark = Offset(high_watermark);
  return view;
}

TEST(RisingMarks, OneProcessSeesThemRise) {
  RisingMarks marks;
  marks.saw(one, 1, replica(0, 9, 5), false);
  marks.saw(one, 1, replica(2, 9, 7), false);
  marks.saw(one, 2, replica(2, 9, 3), false);  // Started again, from its checkpoint.
  marks.saw(two, 1, replica(0, 9, 0), false);
  EXPECT_EQ(names_of(marks.take()), Names{});
  marks.saw(one, 2, replica(2, 9, 2), false);
  EXPECT_EQ(names_of(marks.take()), Names{"watermark-fell"});
  marks.saw(one, 2, replica(1, 9, 2), false);
  EXPECT_EQ(names_of(marks.take()), Names{"log-start-fell"});
  marks.saw(one, 2, replica(0, 9, 0), true);
  EXPECT_EQ(names_of(marks.take()), Names{});
}

TEST(RisingMarks, NobodyTakesForCommittedWhatItDoesNotHave) {
  RisingMarks marks;
  marks.saw(one, 1, replica(0, 9, 9), false);
  EXPECT_EQ(names_of(marks.take()), Names{});
  marks.saw(one, 1, replica(0, 9, 10), false);
  EXPECT_EQ(names_of(marks.take()), Names{"watermark-beyond-log"});
}

// --- numbers of producers -------------------------------------------------------------------

BatchView sent(int base, int end, int producer, int epoch, int sequence) {
  auto view = batch(base, end, 0, 1);
  view.producer = ProducerId(producer);
  view.producer_epoch = static_cast<std::int16_t>(epoch);
  view.first_sequence = sequence;
  return view;
}

Names found_in(const std::vector<BatchView>& batches) {
  Sequences sequences;
  for (const auto& view : batches) sequences.committed(orders, view);
  return names_of(sequences.take());
}

TEST(Sequences, OfOneProducerAndEpochFollowEachOther) {
  EXPECT_EQ(found_in({sent(0, 2, 7, 0, 0), sent(2, 3, 8, 0, 5), sent(3, 4, 7, 0, 2)}), Names{});
  EXPECT_EQ(found_in({sent(0, 2, 7, 0, 0), sent(2, 3, 7, 1, 0), sent(3, 4, 7, 1, 1)}), Names{});
  EXPECT_EQ(found_in({sent(0, 1, 7, 0, INT32_MAX), sent(1, 2, 7, 0, 0)}), Names{});
  EXPECT_EQ(found_in({batch(0, 2, 0, 1), batch(2, 3, 0, 1)}), Names{});
}

TEST(Sequences, OneThatIsMissingOrThereTwiceIsFound) {
  EXPECT_EQ(found_in({sent(0, 2, 7, 0, 0), sent(2, 3, 7, 0, 3)}), Names{"sequence-broken"});
  EXPECT_EQ(found_in({sent(0, 2, 7, 0, 0), sent(2, 4, 7, 0, 0)}), Names{"sequence-broken"});
}

TEST(Sequences, AnothersCopyAndWhatIsBehindAHoleAreFine) {
  EXPECT_EQ(found_in({sent(0, 2, 7, 0, 0), sent(0, 2, 7, 0, 0), sent(2, 3, 7, 0, 2)}), Names{});
  EXPECT_EQ(found_in({sent(0, 2, 7, 0, 0), sent(5, 6, 7, 0, 4), sent(6, 7, 7, 0, 5)}), Names{});
}

// --- committed metadata ---------------------------------------------------------------------

/// What the rules say of a healthy partition and of what then becomes of it.
Names found(const OnePartition& then) {
  InSyncRules rules;
  rules.saw(OnePartition().image());
  rules.saw(then.image());
  return names_of(rules.take());
}

TEST(InSyncRules, AHealthyPartitionIsFine) {
  EXPECT_EQ(found(OnePartition()), Names{});
  EXPECT_EQ(found(OnePartition().fences(1).in_sync({2, 3}, 2)), Names{});
}

TEST(InSyncRules, AFencedBrokerIsNotInSync) {
  EXPECT_EQ(found(OnePartition().fences(3)), Names{"in-sync-rules"});
}

TEST(InSyncRules, TheLeaderIsInSync) {
  EXPECT_EQ(found(OnePartition().in_sync({2, 3})), Names{"in-sync-rules"});
}

TEST(InSyncRules, TheLastOneMayStayWithoutLeading) {
  EXPECT_EQ(found(OnePartition().fences(1).fences(2).in_sync({2}, -1)), Names{});
}

TEST(InSyncRules, OnlyReplicasAreInSync) {
  EXPECT_EQ(found(OnePartition().registers(4).in_sync({1, 2, 4})), Names{"in-sync-rules"});
}

TEST(InSyncRules, AReplicaIsDroppedWhenAllThatAreLeftAreInSync) {
  EXPECT_EQ(found(OnePartition().in_sync({1, 2}).lies_on({1, 2})), Names{});
  InSyncRules rules;
  rules.saw(OnePartition().registers(4).lies_on({1, 2, 3, 4}, {4}).image());
  rules.saw(OnePartition().registers(4).lies_on({1, 2, 3, 4}, {4}).lies_on({1, 2, 3}).image());
  EXPECT_EQ(names_of(rules.take()), Names{});  // Cancelled.
  EXPECT_EQ(found(OnePartition().registers(4).in_sync({1}).lies_on({1, 4})),
            Names{"in-sync-rules"});
}

// --- the whole ------------------------------------------------------------------------------

/// A node whose log is a list.
class FakeNode : public NodeView {
 public:
  FakeNode(NodeId id, Inspector& inspector) : id_(id), inspector_(inspector) {}

  FakeNode& has(BatchView batch) {
    log_.push_back(batch);
    return *this;
  }
  FakeNode& truncates_to(int end) {
    std::erase_if(log_, [&](const BatchView& batch) { return batch.end > Offset(end); });
    return *this;
  }
  FakeNode& restarts() {
    ++life_;
    watermark_ = 0;
    return *this;
  }
  FakeNode& watermark(int offset) {
    watermark_ = offset;
    return looked_at();
  }
  FakeNode& leads(int epoch) {
    leads_ = epoch;
    return looked_at();
  }
  FakeNode& votes(int epoch, NodeId candidate) {
    quorum_.epoch = Epoch(epoch);
    quorum_.voted_for = candidate;
    return looked_at();
  }
  FakeNode& looked_at() {
    changed_.assign(1, replica(0, log_.empty() ? 0 : int(log_.back().end.value), watermark_));
    changed_.back().leads = leads_ >= 0;
    changed_.back().epoch = changed_.back().newest_epoch = Epoch(leads_);
    inspector_.look(*this);
    return *this;
  }

  NodeId id() const override { return id_; }
  std::int64_t life() const override { return life_; }
  const std::vector<ReplicaView>& changed_replicas() override { return changed_; }
  std::vector<BatchView> batches(const TopicPartition&, Offset from, Offset end) override {
    std::vector<BatchView> list;
    for (const auto& batch : log_) {
      if (batch.end > from && batch.end <= end) list.push_back(batch);
    }
    return list;
  }
  QuorumView quorum() override { return quorum_; }
  std::shared_ptr<const metadata::Image> image() override { return nullptr; }

 private:
  NodeId id_;
  Inspector& inspector_;
  std::int64_t life_ = 1;
  std::vector<BatchView> log_;
  int watermark_ = 0;
  int leads_ = -1;
  QuorumView quorum_;
  std::vector<ReplicaView> changed_;
};

TEST(Inspector, AFollowerThatTruncatesWhatWasNotCommittedIsFine) {
  Inspector inspector;
  FakeNode leader(one, inspector), follower(two, inspector);
  leader.has(batch(0, 2, 0, 1)).has(batch(2, 4, 0, 2)).leads(0).watermark(2);
  follower.has(batch(0, 2, 0, 1)).leads(1);
  follower.has(batch(2, 3, 1, 7)).watermark(3);
  leader.leads(-1).truncates_to(2).looked_at().has(batch(2, 3, 1, 7)).watermark(3);
  EXPECT_EQ(names_of(inspector.take()), Names{});
}

TEST(Inspector, ALeaderThatLostACommittedTailIsFound) {
  Inspector inspector;
  FakeNode leader(one, inspector), follower(two, inspector);
  leader.has(batch(0, 2, 0, 1)).has(batch(2, 4, 0, 2)).leads(0).watermark(4);
  follower.has(batch(0, 2, 0, 1)).watermark(2);
  EXPECT_EQ(names_of(inspector.take()), Names{});
  follower.leads(1);
  EXPECT_EQ(names_of(inspector.take()), Names{"leader-incomplete"});
  follower.has(batch(2, 4, 1, 9)).watermark(4);
  EXPECT_EQ(names_of(inspector.take()), Names{"committed-prefix"});
}

TEST(Inspector, ARestartedLeaderThatGoesOnInItsEpochIsFound) {
  Inspector inspector;
  FakeNode leader(one, inspector);
  leader.has(batch(0, 2, 0, 1)).has(batch(2, 4, 0, 2)).leads(0);
  leader.restarts().truncates_to(2).looked_at().has(batch(2, 4, 0, 3)).looked_at();
  EXPECT_EQ(names_of(inspector.take()), Names{"epoch-offset-twice"});
}

TEST(Inspector, ABatchThatWasStoredTwiceIsFound) {
  Inspector inspector;
  FakeNode leader(one, inspector);
  leader.has(sent(0, 2, 7, 0, 0)).has(sent(2, 4, 7, 0, 0)).leads(0).watermark(4);
  EXPECT_EQ(names_of(inspector.take()), Names{"sequence-broken"});
}

TEST(Inspector, TwoVotesOfOneNodeAreFoundAcrossARestart) {
  Inspector inspector;
  FakeNode node(one, inspector);
  node.votes(3, two).restarts().votes(3, three);
  EXPECT_EQ(names_of(inspector.take()), Names{"two-votes"});
}

TEST(Inspector, TellsTheSameTroubleAFewTimesOnly) {
  Inspector inspector;
  FakeNode node(one, inspector);
  std::size_t told = 0;
  node.has(batch(0, 10, 0, 1));
  for (int i = 0; i < 10; ++i) {
    node.watermark(10 - i);
    told += inspector.take().size();
  }
  EXPECT_EQ(told, 3u);
}

}  // namespace
}  // namespace trialog::scenarios
