#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <fstream>

#include "core/log/aborted_index.h"
#include "core/log/checkpoint.h"
#include "core/log/epochs.h"
#include "core/log/names.h"
#include "core/log/offset_index.h"
#include "core/log/producers.h"
#include "core/log/time_index.h"
#include "core/records/build.h"

namespace trialog::log {
namespace {

BatchHeader sent(std::int64_t producer, std::int16_t epoch, std::int32_t sequence,
                 std::int64_t base, std::int32_t count) {
  BatchHeader header;
  header.producer_id = ProducerId(producer);
  header.producer_epoch = epoch;
  header.base_sequence = sequence;
  header.base = Offset(base);
  header.end = Offset(base + count);
  return header;
}

TEST(Names, AreTwentyDigitsAndASuffix) {
  EXPECT_EQ(segment_name(Offset(42), log_suffix), "00000000000000000042.log");
  EXPECT_EQ(offset_in_name("00000000000000000042.log", log_suffix), Offset(42));
  EXPECT_FALSE(offset_in_name("00000000000000000042.log.deleted", log_suffix));
  EXPECT_FALSE(offset_in_name("42.log", log_suffix));
  EXPECT_FALSE(offset_in_name("99999999999999999999.log", log_suffix));
}

TEST(Names, OfDirectoriesTellThePartition) {
  EXPECT_EQ(partition_in_name("a-b-3")->partition, TopicPartition("a-b", 3));
  EXPECT_TRUE(partition_in_name("a-0.0123456789abcdef0123456789abcdef-delete")->deleted);
  EXPECT_FALSE(partition_in_name("a-0.0123456789abcdef0123456789abcdef-stray"));
  EXPECT_FALSE(partition_in_name("a-01"));
  EXPECT_FALSE(partition_in_name("a"));
  EXPECT_FALSE(partition_in_name("lost+found"));
}

TEST(Epochs, EndWhereTheNextBegins) {
  Epochs epochs;
  EXPECT_TRUE(epochs.begin(Epoch(1), Offset(0)));
  EXPECT_TRUE(epochs.begin(Epoch(3), Offset(10)));
  EXPECT_FALSE(epochs.begin(Epoch(2), Offset(12)));
  EXPECT_EQ(epochs.end_of(Epoch(3), Offset(20)).end, Offset(20));
  EXPECT_EQ(epochs.end_of(Epoch(1), Offset(20)).end, Offset(10));
  EXPECT_EQ(epochs.end_of(Epoch(2), Offset(20)).epoch, Epoch(1));
  EXPECT_EQ(epochs.end_of(Epoch(2), Offset(20)).end, Offset(10));
  EXPECT_EQ(epochs.end_of(Epoch(0), Offset(20)).epoch, Epoch(0));
  EXPECT_EQ(epochs.end_of(Epoch(0), Offset(20)).end, Offset(0));
  EXPECT_EQ(epochs.end_of(Epoch(4), Offset(20)).epoch, no_epoch);
  EXPECT_EQ(epochs.end_of(no_epoch, Offset(20)).epoch, no_epoch);
  EXPECT_EQ(epochs.at(Offset(9)), Epoch(1));
  EXPECT_EQ(epochs.at(Offset(10)), Epoch(3));
}

TEST(Epochs, ThatBeganWhereOthersWereMeantToAreReplaced) {
  Epochs epochs;
  epochs.begin(Epoch(1), Offset(0));
  epochs.begin(Epoch(2), Offset(10));
  epochs.begin(Epoch(3), Offset(10));
  EXPECT_EQ(epochs.text(), "0\n2\n1 0\n3 10\n");
  EXPECT_TRUE(epochs.cut_end(Offset(10)));
  EXPECT_EQ(epochs.latest(), Epoch(1));
}

TEST(Epochs, AreCutAtTheStartWithTheOneThatHoldsIt) {
  Epochs epochs;
  epochs.begin(Epoch(1), Offset(0));
  epochs.begin(Epoch(2), Offset(10));
  EXPECT_TRUE(epochs.cut_start(Offset(4)));
  EXPECT_EQ(epochs.text(), "0\n2\n1 4\n2 10\n");
  EXPECT_TRUE(epochs.cut_start(Offset(10)));
  EXPECT_EQ(epochs.text(), "0\n1\n2 10\n");
  EXPECT_FALSE(epochs.cut_start(Offset(10)));
}

TEST(Epochs, AreReadAsWrittenAndNotOtherwise) {
  EXPECT_EQ(Epochs::parse("0\n2\n1 0\n3 10\n")->entries().size(), 2u);
  EXPECT_TRUE(Epochs::parse("")->entries().empty());
  for (const char* wrong : {"1\n0\n", "0\n", "0\n2\n1 0\n", "0\n1\n1\n", "0\n1\n1 x\n",
                            "0\n2\n1 0\n1 5\n", "0\n2\n1 5\n2 5\n", "0\n1\n-1 5\n"}) {
    EXPECT_FALSE(Epochs::parse(wrong)) << wrong;
  }
}

TEST(Checkpoints, AreReadAsWritten) {
  OffsetCheckpoint offsets;
  offsets[TopicPartition("b", 0)] = Offset(7);
  offsets[TopicPartition("a", 12)] = Offset(0);
  EXPECT_EQ(render(offsets), "0\n2\na 12 0\nb 0 7\n");
  EXPECT_EQ(*parse_offsets(render(offsets)), offsets);
  for (const char* wrong : {"x", "0\nx\n", "0\n1\na 1\n", "0\n1\na x 1\n", "0\n1\na 1 -1\n"}) {
    EXPECT_FALSE(parse_offsets(wrong)) << wrong;
  }
}

TEST(Producers, HaveFiveBatchesKnownAgain) {
  Bugs bugs;
  Producers producers(bugs);
  for (int i = 0; i < 7; ++i) producers.note(sent(1, 0, i * 2, i * 10, 2), Instant());
  for (int i = 2; i < 7; ++i) {
    const auto known = producers.check(sent(1, 0, i * 2, 999, 2));
    ASSERT_TRUE(known && *known) << i;
    EXPECT_EQ((**known).base, Offset(i * 10));
    EXPECT_EQ((**known).end, Offset(i * 10 + 2));
  }
  EXPECT_EQ(producers.check(sent(1, 0, 2, 0, 2)).error(), ErrorCode::out_of_order_sequence_number);
  // Only exactly the same range is the same batch.
  EXPECT_EQ(producers.check(sent(1, 0, 12, 0, 1)).error(), ErrorCode::out_of_order_sequence_number);
  EXPECT_FALSE(*producers.check(sent(1, 0, 14, 0, 1)));
  EXPECT_EQ(producers.check(sent(1, 0, 15, 0, 1)).error(), ErrorCode::out_of_order_sequence_number);
}

TEST(Producers, OfANewEpochBeginAtZero) {
  Bugs bugs;
  Producers producers(bugs);
  producers.note(sent(1, 3, 0, 0, 2), Instant());
  EXPECT_EQ(producers.check(sent(1, 2, 2, 0, 1)).error(), ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(producers.check(sent(1, 4, 2, 0, 1)).error(), ErrorCode::out_of_order_sequence_number);
  EXPECT_TRUE(producers.check(sent(1, 4, 0, 0, 1)));
  EXPECT_TRUE(producers.check(sent(2, 0, 77, 0, 1)));  // Of one unknown anything is taken.
}

TEST(Producers, CountTheirBatchesModulo) {
  Bugs bugs;
  Producers producers(bugs);
  producers.note(sent(1, 0, INT32_MAX - 1, 0, 2), Instant());
  EXPECT_FALSE(*producers.check(sent(1, 0, 0, 0, 1)));
  producers.note(sent(1, 0, 0, 2, 1), Instant());
  producers.note(sent(1, 0, 1, 3, 1), Instant());
  Producers again(bugs);
  ASSERT_TRUE(again.load(producers.snapshot().view(), Instant()));
  const auto known = again.check(sent(1, 0, INT32_MAX - 1, 99, 2));
  ASSERT_TRUE(known && *known);
  EXPECT_EQ((**known).base, Offset(0));
}

TEST(Producers, AreForgottenWhenTheyHaveNotWrittenForLong) {
  Bugs bugs;
  Producers producers(bugs);
  producers.note(sent(1, 0, 0, 0, 1), Instant());
  producers.note(sent(2, 0, 0, 1, 1), Instant() + seconds(50));
  producers.expire(Instant() + seconds(60), seconds(60));
  EXPECT_EQ(producers.size(), 1u);
}

TEST(Producers, AreListedInOrderWithTheNewestOfEach) {
  Bugs bugs;
  Producers producers(bugs);
  EXPECT_TRUE(producers.known().empty());
  auto batch = sent(7, 2, 0, 0, 3);
  batch.max_timestamp = 100;
  producers.note(batch, Instant());
  producers.note(sent(3, 0, 10, 3, 1), Instant());
  batch = sent(7, 2, 3, 4, 2);
  batch.max_timestamp = 90;  // Not the largest, but the last.
  producers.note(batch, Instant());
  const auto known = producers.known();
  ASSERT_EQ(known.size(), producers.size());
  EXPECT_EQ(known[0].id, ProducerId(3));
  EXPECT_EQ(known[0].last_sequence, 10);
  EXPECT_EQ(known[1], KnownProducer(ProducerId(7), 2, 4, 90, -1, -1));
}

TEST(Producers, AreListedWithTheTransactionThatIsOpen) {
  constexpr std::int16_t transactional = 16, control = 32;
  Bugs bugs;
  Producers producers(bugs);
  auto batch = sent(1, 0, 0, 5, 2);
  batch.attributes |= transactional;
  producers.note(batch, Instant());
  batch = sent(1, 0, 2, 7, 1);
  batch.attributes |= transactional;
  producers.note(batch, Instant());
  EXPECT_EQ(producers.known().at(0).transaction_start, 5);
  Producers again(bugs);
  ASSERT_TRUE(again.load(producers.snapshot().view(), Instant()));
  EXPECT_EQ(again.known(), producers.known());
  auto marker = sent(1, 1, -1, 8, 1);  // Ends it, in a new epoch of which there is nothing else.
  marker.attributes |= transactional | control;
  producers.note(marker, Instant());
  EXPECT_EQ(producers.known().at(0).transaction_start, -1);
  EXPECT_EQ(producers.known().at(0).epoch, 1);
  EXPECT_EQ(producers.known().at(0).last_sequence, -1);
}

TEST(Producers, AreNotBelievedToBeNoneByASnapshotOfWhichOnlyTheVersionIsLeft) {
  const Bugs bugs;
  Producers producers(bugs);
  const std::byte torn[] = {std::byte{0}, std::byte{1}, std::byte{0},
                            std::byte{0}, std::byte{0}, std::byte{0}};
  EXPECT_FALSE(producers.load(torn, Instant()));
}

RC_GTEST_PROP(Producers, AreTheSameAfterASnapshot, (std::vector<std::uint8_t> script)) {
  Bugs bugs;
  Producers producers(bugs);
  std::int32_t next[4] = {};
  std::int64_t offset = 0;
  for (const auto word : script) {
    const auto count = 1 + word / 4 % 3;
    producers.note(sent(word % 4, 0, next[word % 4], offset, count), Instant());
    next[word % 4] += count;
    offset += count;
  }
  const auto snapshot = producers.snapshot();
  Producers again(bugs);
  RC_ASSERT(again.load(snapshot.view(), Instant()).has_value());
  RC_ASSERT(again.snapshot() == snapshot);
}

TEST(Producers, DoNotBelieveADamagedSnapshot) {
  Bugs bugs;
  Producers producers(bugs);
  producers.note(sent(1, 0, 0, 0, 1), Instant());
  const auto good = producers.snapshot();
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::vector<std::byte> bad(good.view().begin(), good.view().end());
    bad[at] ^= std::byte(1);
    EXPECT_FALSE(producers.load(bad, Instant())) << at;
    EXPECT_FALSE(producers.load(good.view().first(at), Instant())) << at;
  }
}

RC_GTEST_PROP(Indexes, FindWhatALinearScanFinds, (std::vector<std::uint8_t> steps)) {
  OffsetIndex offsets;
  TimeIndex times;
  std::int32_t offset = 0;
  std::int32_t position = 0;
  std::int64_t time = 0;
  for (const auto step : steps) {
    offset += 1 + step % 7;
    position += 1 + step % 50;
    time += step % 5;
    offsets.add(OffsetIndex::Entry(offset, position));
    times.add(TimeIndex::Entry(time, offset));
  }
  for (std::int64_t wanted = 0; wanted < offset + 3; ++wanted) {
    std::int64_t expected = 0;
    for (const auto& entry : offsets.entries()) {
      if (entry.last_offset <= wanted) expected = entry.position;
    }
    RC_ASSERT(offsets.position_for(wanted) == static_cast<std::uint64_t>(expected));
    std::optional<TimeIndex::Entry> timed;
    for (const auto& entry : times.entries()) {
      if (entry.timestamp <= wanted) timed = entry;
    }
    RC_ASSERT(times.at_or_before(wanted) == timed);
  }
  bool sound = false;
  RC_ASSERT(OffsetIndex::decode(offsets.encode(0).view(), sound).entries() == offsets.entries());
  RC_ASSERT(sound);
  RC_ASSERT(TimeIndex::decode(times.encode(0).view(), sound).entries() == times.entries());
  RC_ASSERT(sound);
}

TEST(Indexes, EndWhereThePreallocatedZerosBegin) {
  OffsetIndex offsets;
  offsets.add(OffsetIndex::Entry(5, 100));
  const auto entries = offsets.encode(0);
  std::vector<std::byte> file(entries.view().begin(), entries.view().end());
  file.resize(800);
  bool sound = false;
  EXPECT_EQ(OffsetIndex::decode(file, sound).size(), 1u);
  EXPECT_TRUE(sound);
  file[500] = std::byte(1);
  EXPECT_EQ(OffsetIndex::decode(file, sound).size(), 1u);
  EXPECT_FALSE(sound);
}

/// The bytes of the lines of docs/log-format.md that look like "0008  00 00 00 3a   comment".
std::string shown_bytes() {
  std::ifstream page(std::string(TRIALOG_SOURCE_DIR) + "/docs/log-format.md");
  std::string hex;
  for (std::string line; std::getline(page, line);) {
    if (line.size() < 8 || line.substr(4, 2) != "  " || from_hex(line.substr(0, 4)).empty()) {
      continue;
    }
    for (std::size_t at = 6; at + 2 <= line.size(); at += 3) {
      if (line[at] == ' ') break;
      hex += line.substr(at, 2);
    }
  }
  return hex;
}

TEST(Format, IsWhatItsPageShows) {
  records::BatchBuilder builder{records::BatchOptions()};
  builder.add(wall_time(1000), "k", "v");
  auto batch = builder.build();
  batch.place(Offset(0), Epoch(0));
  EXPECT_EQ(to_hex(batch.bytes().view()), shown_bytes());
}

TEST(AbortedIndex, IsReadAsKafkaWroteIt) {
  const auto file = from_hex(
      "0000000000000000000500000000000000040000000000000007000000000000000800000000000000000005"
      "000000000000000c000000000000000f0000000000000010");
  auto index = AbortedIndex::parse(file);
  ASSERT_TRUE(index);
  ASSERT_EQ(index->all().size(), 2u);
  EXPECT_EQ(index->all()[1], AbortedTransaction(ProducerId(5), Offset(12), Offset(16), Offset(16)));
  EXPECT_EQ(to_hex(index->encode().view()), to_hex(file));
  EXPECT_EQ(index->overlapping(Offset(5), Offset(12)).size(), 1u);
  EXPECT_TRUE(index->cut(Offset(15)));
  EXPECT_EQ(index->all().size(), 1u);
  EXPECT_FALSE(AbortedIndex::parse(std::span(file).first(10)));
}

}  // namespace
}  // namespace trialog::log
