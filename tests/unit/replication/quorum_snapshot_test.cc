#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/replication/quorum_story.h"

namespace trialog::replication::test {
namespace {

using Voters = QuorumStory::Voters;

std::vector<std::string> texts(const std::vector<Bytes>& values) {
  std::vector<std::string> all;
  for (const auto& value : values) all.emplace_back(value.text());
  return all;
}

const std::vector<std::string> state{"everything", "there", "was"};

TEST(Snapshot, HoldsWhatWasPutIn) {
  SnapshotContents contents;
  contents.last_contained = wall_time(77);
  for (int i = 0; i < 3000; ++i) {
    contents.values.push_back(Bytes::copy_of(std::string(1000, static_cast<char>('a' + i % 26))));
  }
  contents.voters =
      *quorum::VoterSet::of({{NodeId(3), metadata_topic_id(), {{"C", "h", 1}}, 0, 1}});
  const quorum::SnapshotId id(Offset(42), Epoch(7));
  const auto bytes = render_snapshot(id, contents);
  const auto read = parse_snapshot(bytes);
  ASSERT_TRUE(read.has_value()) << read.error().what();
  EXPECT_EQ(read->last_contained, wall_time(77));
  EXPECT_EQ(read->voters, contents.voters);
  EXPECT_EQ(texts(read->values), texts(contents.values));
  EXPECT_EQ(snapshot_name(id), "00000000000000000042-0000000007.checkpoint");
  EXPECT_EQ(snapshot_in_name(snapshot_name(id)), id);
  EXPECT_EQ(snapshot_in_name("00000000000000000042-000000007.checkpoint"), std::nullopt);
  EXPECT_EQ(snapshot_in_name("0000000000000000004x-0000000007.checkpoint"), std::nullopt);
}

TEST(Snapshot, IsNotBelievedIfCutShortOrDamagedAnywhere) {
  SnapshotContents contents;
  contents.values = {Bytes::copy_of(std::string_view("one")),
                     Bytes::copy_of(std::string_view("two"))};
  const auto whole = render_snapshot({Offset(2), Epoch(1)}, contents);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_snapshot(whole.slice(0, size)).has_value()) << size;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::vector<std::byte> bytes(whole.view().begin(), whole.view().end());
    bytes[at] ^= std::byte(0x10);
    const auto read = parse_snapshot(Bytes(std::move(bytes)));
    // Leader epochs are under no CRC, and say nothing here.
    const bool harmless = read && texts(read->values) == texts(contents.values);
    EXPECT_TRUE(!read || harmless) << at;
  }
}

TEST(QuorumSnapshot, IsWhatANodeStartsFrom) {
  QuorumStory story(1, 3, Voters::recorded);
  story.does_some_work(5);
  const auto id = story.writes_snapshot(2, state);
  story.does_some_work(5);
  const auto newer = story.writes_snapshot(2, state);
  EXPECT_EQ(story.node(2).log().start(), id.end);  // The one before stays, and what follows it.
  story.restarts(2);
  ASSERT_TRUE(story.waits_while([&] { return !story.ready(2); }));
  EXPECT_EQ(story.quorum(2).latest_snapshot(), newer);
  EXPECT_GE(story.quorum(2).high_watermark(), newer.end);
  EXPECT_EQ(story.quorum(2).voters().size(), 3u);
  const auto read = story.run(2, story.quorum(2).read_snapshot(newer));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(texts(*read), state);
  const auto end = story.does_some_work(1);
  EXPECT_TRUE(story.commits({1, 2, 3}, end));
}

TEST(QuorumSnapshot, IsFetchedByWhoeverIsBehindTheLog) {
  for (std::uint64_t seed = 2; seed < 7; ++seed) {
    QuorumStory story(seed, 3, Voters::recorded);
    story.does_some_work(2);
    const auto leader = story.leader();
    const auto behind = leader == 1 ? 2 : 1;
    story.crashes(behind);
    story.does_some_work(30);
    story.writes_snapshot(leader, {"old"});
    story.does_some_work(1);
    const auto id = story.writes_snapshot(leader, state);
    story.does_some_work(1);
    story.options(behind).fetch_snapshot_max_bytes = 50;  // Many small parts.
    story.restarts(behind);
    ASSERT_TRUE(story.waits_while([&] { return !story.ready(behind); }));
    const auto end = story.does_some_work(1);
    EXPECT_TRUE(story.commits({1, 2, 3}, end));
    EXPECT_EQ(story.quorum(behind).latest_snapshot(), id);
    EXPECT_EQ(story.node(behind).log().start(), id.end);
    EXPECT_EQ(texts(*story.run(behind, story.quorum(behind).read_snapshot(id))), state);
    EXPECT_EQ(story.quorum(behind).voters().size(), 3u);
    story.restarts(behind);
    const auto more = story.does_some_work(1);
    EXPECT_TRUE(story.commits({1, 2, 3}, more));
  }
}

TEST(QuorumSnapshot, BringsANewVoterUpToDate) {
  QuorumStory story(8, 1, Voters::recorded);
  story.does_some_work(10);
  const auto id = story.writes_snapshot(1, state);
  story.joins(2);
  ASSERT_TRUE(story.waits_while([&] { return !story.ready(2); })) << story.node(2).trouble();
  EXPECT_EQ(story.adds_voter(2), "NONE");
  EXPECT_EQ(story.quorum(2).latest_snapshot(), id);
  story.does_some_work(1);
  EXPECT_EQ(story.quorum(2).voters().size(), 2u);
}

TEST(QuorumSnapshot, OldOnesGo) {
  QuorumStory story(9, 1, Voters::recorded);
  for (int i = 0; i < 4; ++i) {
    story.does_some_work(3);
    story.writes_snapshot(1, state);
  }
  const auto files = story.files(1);
  EXPECT_EQ(std::ranges::count_if(
                files, [](const std::string& name) { return name.ends_with(".checkpoint"); }),
            2);
}

TEST(QuorumSnapshot, SurvivesACrashAtAnyMoment) {
  for (std::uint64_t seed = 20; seed < 40; ++seed) {
    QuorumStory story(seed, 3, Voters::recorded);
    story.does_some_work(3);
    const auto leader = story.leader();
    const auto behind = leader == 1 ? 2 : 1;
    story.crashes(behind);
    story.does_some_work(10);
    story.writes_snapshot(leader, {"old"});
    story.does_some_work(1);
    story.writes_snapshot(leader, state);
    story.restarts(behind);
    // The whole installation takes a few milliseconds.
    story.passes(milliseconds(seed - 20) * 2);
    story.restarts(behind);
    ASSERT_TRUE(story.waits_while([&] { return !story.ready(behind); }))
        << story.node(behind).trouble();
    const auto end = story.does_some_work(1);
    EXPECT_TRUE(story.commits({1, 2, 3}, end));
  }
}

}  // namespace
}  // namespace trialog::replication::test
